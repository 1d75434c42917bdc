import { printable } from '../terminal/escape.js';
import { widthOf } from '../terminal/text.js';

/** A part of a line of a source, to be marked. Columns are 1-based UTF-16 units, the end is exclusive. */
export interface Mark {
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
  /** `^` for what a finding is about, `-` for what belongs to it. */
  readonly sign: '^' | '-';
  readonly label: string;
}

/** A line as it is shown, and where in it a mark stands. Widths are columns of the screen. */
export interface Snippet {
  readonly text: string;
  readonly before: number;
  readonly width: number;
}

/** What is looked at on either side of a mark: a line may be as long as a file. */
const MAX_SIDE = 400;

interface Cell {
  readonly shown: string;
  readonly width: number;
  /** Offset in the line. */
  readonly at: number;
}

/** Cuts a line to `room` columns around a mark. Tabs and characters that cannot be shown are written out, so that marks stand under what they mean. */
export function cutSnippet(line: string, mark: Pick<Mark, 'column' | 'endColumn'>, room: number): Snippet {
  const start = Math.min(mark.column - 1, line.length);
  const end = Math.max(start, Math.min(mark.endColumn - 1, line.length));
  const low = Math.max(0, start - MAX_SIDE);
  const cells = cellsOf(
    line,
    low,
    Math.min(line.length, Math.max(end, start) + MAX_SIDE, start + 3 * MAX_SIDE),
  );
  const first = cells.findIndex(({ at }) => at >= start);
  const index = first === -1 ? cells.length : first;
  const isWhole = low === 0 && sumWidths(cells) <= room;
  const least = Math.min(room >> 1, widthBetween(cells, start, end));
  const isFromStart = low === 0 && sumWidths(cells.slice(0, index)) + least <= room - 1;
  const from = isWhole || isFromStart ? 0 : backFrom(cells, index, Math.floor(room / 3));
  const lead = from === 0 && low === 0 ? '' : '…';
  const kept = takeWidth(cells.slice(from), room - lead.length - 1);
  const rest = cells.length - from - kept.length;
  const shown = rest === 1 ? cells.slice(from) : kept;
  const tail = rest > 1 ? '…' : '';
  const before = lead.length + sumWidths(shown.filter(({ at }) => at < start));
  const text = `${lead}${shown.map((cell) => cell.shown).join('')}${tail}`;
  return { text: text.trimEnd(), before, width: Math.max(1, widthBetween(shown, start, end)) };
}

function cellsOf(line: string, low: number, high: number): readonly Cell[] {
  const cells: Cell[] = [];
  // A cut through a pair of surrogates would show half a character.
  let at = isLowSurrogate(line, low) ? low + 1 : low;
  for (const character of line.slice(at, high)) {
    const shown = character === '\t' ? '  ' : printable(character);
    cells.push({ shown, width: widthOf(shown), at });
    at += character.length;
  }
  return cells;
}

function isLowSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function sumWidths(cells: readonly Cell[]): number {
  return cells.reduce((sum, { width }) => sum + width, 0);
}

function widthBetween(cells: readonly Cell[], start: number, end: number): number {
  return sumWidths(cells.filter(({ at }) => at >= start && at < end));
}

/** The cell from which on there are at most `width` columns up to `index`. */
function backFrom(cells: readonly Cell[], index: number, width: number): number {
  let from = index;
  let left = width;
  while (from > 0 && (cells[from - 1]?.width ?? 0) <= left) {
    from--;
    left -= cells[from]?.width ?? 0;
  }
  return from;
}

function takeWidth(cells: readonly Cell[], room: number): readonly Cell[] {
  const taken: Cell[] = [];
  let left = room;
  for (const cell of cells) {
    if (cell.width > left) break;
    taken.push(cell);
    left -= cell.width;
  }
  return taken;
}
