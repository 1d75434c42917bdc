import { printable } from './escape.js';
import { PLAIN, type Style } from './style.js';
import { cutTo, padTo, widthOf } from './text.js';

/** A column of a table. */
export interface Column {
  /** Stands over it on a terminal. A table gets a header when a column has a title. */
  readonly title?: string;
  /** May be cut, ending in `…`, to no fewer columns than this. Without it the cells stay whole, to be copied. */
  readonly least?: number;
  /** Leaves a narrow terminal: the highest number goes first. Without it the column always stays. */
  readonly drop?: number;
  readonly align?: 'left' | 'right';
}

/** A cell: its text, or that with what differs between a terminal and a pipe. */
export type Cell =
  | string
  | {
      /** On a terminal. */
      readonly text: string;
      /** In a pipe: whole ids, ISO times. The text unless given. */
      readonly full?: string;
      /** Colours the text, which has its padding and may have been cut. */
      readonly paint?: (text: string) => string;
    };

/** Where a table is printed. */
export interface TableLook {
  /** Width of the terminal; undefined in a pipe. */
  readonly columns: number | undefined;
  readonly style?: Style;
  /** Spaces before each line on a terminal, 0 unless given. */
  readonly indent?: number;
}

const GAP = '  ';

/**
 * Rows in columns that fit a terminal: first the columns that may be cut are, the widest first, then columns leave; what
 * stays whole is left to the terminal to break. In a pipe: full texts between tabs, without header and colours.
 * Every text is made printable.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  look: TableLook,
): string {
  if (look.columns === undefined)
    return rows.map((row) => row.map((cell) => printable(fullOf(cell))).join('\t')).join('\n');
  const { style = PLAIN, indent = 0 } = look;
  const filled = columns.map((_, i) => rows.some((row) => textOf(row[i]) !== ''));
  const titles = columns.map(({ title = '' }) => title);
  const hasHeader = titles.some((title) => title !== '') && rows.length > 0;
  const natural = columns.map((_, i) =>
    filled[i] === true
      ? Math.max(hasHeader ? widthOf(titles[i] ?? '') : 0, ...rows.map((row) => widthOf(textOf(row[i]))))
      : 0,
  );
  const widths = fitColumns(columns, natural, look.columns - indent);
  const line = (cells: readonly Cell[]): string => {
    const shown = cells.flatMap((cell, i) => {
      const width = widths[i] ?? 0;
      return width === 0 ? [] : [renderCell(cell, width, columns[i]?.align ?? 'left')];
    });
    return (' '.repeat(indent) + shown.join(GAP)).trimEnd();
  };
  const header = hasHeader ? [line(titles.map((title) => ({ text: title, paint: style.dim })))] : [];
  return [...header, ...rows.map((row) => line(row))].join('\n');
}

function renderCell(cell: Cell, width: number, align: 'left' | 'right'): string {
  const text = cutTo(textOf(cell), width);
  const painted = typeof cell === 'string' || cell.paint === undefined ? text : cell.paint(text);
  // Padding stays outside of the colours, so that it can be taken from the end of a line.
  const padding = padTo('', width - widthOf(text));
  return align === 'right' ? padding + painted : painted + padding;
}

/**
 * How wide each column is shown; 0 for one that is not. Columns that are empty take no room.
 *
 * @param natural the width of the longest text of each column
 */
export function fitColumns(
  columns: readonly Column[],
  natural: readonly number[],
  room: number,
): readonly number[] {
  let widths = [...natural];
  for (;;) {
    const shrunk = shrink(columns, widths, room);
    if (totalOf(shrunk) <= room) return shrunk;
    const leaving = columns
      .map(({ drop = 0 }, i) => ({ drop, i }))
      .filter(({ drop, i }) => drop > 0 && (widths[i] ?? 0) > 0)
      .sort((a, b) => b.drop - a.drop)[0];
    if (leaving === undefined) return shrunk;
    widths = widths.map((width, i) => (i === leaving.i ? 0 : width));
  }
}

/** Takes columns of text from the widest that may be cut, until all fits or nothing more can be taken. */
function shrink(columns: readonly Column[], natural: readonly number[], room: number): readonly number[] {
  const widths = [...natural];
  for (let over = totalOf(widths) - room; over > 0;) {
    const able = widths
      .map((width, i) => ({ width, i, spare: width - (columns[i]?.least ?? width) }))
      .filter(({ spare }) => spare > 0)
      .sort((a, b) => b.width - a.width);
    const [widest, next] = able;
    if (widest === undefined) break;
    const step = Math.max(1, Math.min(over, widest.spare, widest.width - (next?.width ?? 0)));
    widths[widest.i] = widest.width - step;
    over -= step;
  }
  return widths;
}

function totalOf(widths: readonly number[]): number {
  const shown = widths.filter((width) => width > 0);
  return shown.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(0, shown.length - 1);
}

function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  return printable(typeof cell === 'string' ? cell : cell.text);
}

function fullOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : (cell.full ?? cell.text);
}
