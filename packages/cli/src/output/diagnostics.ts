import type { Diagnostic } from '@sheaf/workflow';
import { printable } from '../terminal/escape.js';
import type { Style } from '../terminal/style.js';
import { hangText, widthOf } from '../terminal/text.js';
import { cutSnippet, type Mark } from './snippet.js';

/** Findings of one code beyond this many are counted, not shown. */
const MAX_ALIKE = 20;
/** Of a line of a source, where there is no terminal that says its width. */
const MAX_LINE_COLUMNS = 160;
const LEAST_LINE_COLUMNS = 30;
const GUTTER = 6;
const INDENT = '    ';

/** A diagnostic of a definition, or a finding of the same form under a code of its own. */
export type ShownDiagnostic = Omit<Diagnostic, 'code'> & { readonly code: string };

/** What is shown like one, also where there is nothing to advise. */
export type ShownFinding = Omit<ShownDiagnostic, 'hint'> & { readonly hint?: string };

/**
 * Each finding as `error[code]: message`, ` --> file:line:col`, its lines with the places marked, `note:` and `help:`.
 *
 * @param sources the texts that the findings point into, by file; one that is missing is not shown
 * @param columns width of the terminal; undefined where there is none
 */
export function renderDiagnostics(
  diagnostics: readonly ShownFinding[],
  style: Style,
  sources: ReadonlyMap<string, string> = new Map(),
  columns?: number,
): string {
  const seen = new Map<string, number>();
  const blocks: string[] = [];
  const lines = new Map<string, readonly string[]>();
  for (const diagnostic of diagnostics) {
    const count = (seen.get(diagnostic.code) ?? 0) + 1;
    seen.set(diagnostic.code, count);
    if (count > MAX_ALIKE) continue;
    const { file } = diagnostic;
    const text = sources.get(file);
    if (text !== undefined && !lines.has(file)) lines.set(file, text.split('\n'));
    blocks.push(renderOne(diagnostic, style, lines.get(file), columns).join('\n'));
  }
  for (const [code, count] of seen) {
    if (count > MAX_ALIKE)
      blocks.push(`… and ${count - MAX_ALIKE} more ${printable(code)} (all of them: --json)`);
  }
  return blocks.join('\n');
}

function renderOne(
  diagnostic: ShownFinding,
  style: Style,
  lines: readonly string[] | undefined,
  columns: number | undefined,
): readonly string[] {
  const { file, line, column, severity, code, message, note, hint, related = [] } = diagnostic;
  const paint = severity === 'error' ? style.red : style.yellow;
  const marks = marksOf(diagnostic, lines);
  const unseen = marks.length > 0 ? [] : related.map((each) => `${each.label}, ${each.line}:${each.column}`);
  const hang = (word: string, text: string): readonly string[] =>
    hangText(`${INDENT}${word} `, printable(text), columns).map((each) =>
      each.replace(word, style.cyan(word)),
    );
  return [
    `${paint(`${severity}[${printable(code)}]`)}${style.bold(`: ${printable(message)}`)}`,
    `   ${style.cyan('-->')} ${printable(file)}:${line}:${column}`,
    ...renderMarks(marks, lines ?? [], { style, paint, columns }),
    ...unseen.flatMap((text) => hang('note:', text)),
    ...(note === undefined ? [] : hang('note:', note)),
    ...(hint === undefined ? [] : hang('help:', hint)),
  ];
}

/** What is marked, from top to bottom. Nothing for a finding about a whole file. */
function marksOf(diagnostic: ShownFinding, lines: readonly string[] | undefined): readonly Mark[] {
  const { line, column, endLine, endColumn, label = '', related = [] } = diagnostic;
  if (lines === undefined || endLine === undefined || endColumn === undefined) return [];
  const marks: readonly Mark[] = [
    ...spanOf({ line, column, endLine, endColumn }, '^', label, lines),
    ...related.flatMap((place) => spanOf(place, '-', place.label, lines)),
  ];
  return [...marks].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** One mark, or for what stands on several lines one on its first and one on its last. */
function spanOf(
  span: {
    readonly line: number;
    readonly column: number;
    readonly endLine: number;
    readonly endColumn: number;
  },
  sign: Mark['sign'],
  label: string,
  lines: readonly string[],
): readonly Mark[] {
  const { line, column, endLine, endColumn } = span;
  if (endLine === line) return [{ line, column, endColumn, sign, label }];
  const whole = { line, column, endColumn: lineOf(lines, line).length + 1, sign };
  // What ends with a line break ends on the line before.
  const last = endColumn === 1 ? endLine - 1 : endLine;
  if (last === line) return [{ ...whole, label }];
  const text = lineOf(lines, last);
  const first = text.length - text.trimStart().length;
  const end = endColumn === 1 ? text.length + 1 : endColumn;
  return [
    { ...whole, label: '' },
    { line: last, column: Math.min(first + 1, end), endColumn: end, sign, label },
  ];
}

function lineOf(lines: readonly string[], line: number): string {
  return (lines[line - 1] ?? '').replace(/\r$/, '');
}

function renderMarks(
  marks: readonly Mark[],
  lines: readonly string[],
  look: { readonly style: Style; readonly paint: Style['red']; readonly columns: number | undefined },
): readonly string[] {
  const { style, paint, columns } = look;
  const room = columns === undefined ? MAX_LINE_COLUMNS : Math.max(LEAST_LINE_COLUMNS, columns - GUTTER - 3);
  const rows: string[] = [];
  const blank = style.cyan(`${' '.repeat(GUTTER)} |`);
  let shownLine: number | undefined;
  let shownText = '';
  for (const mark of marks) {
    const snippet = cutSnippet(lineOf(lines, mark.line), mark, room);
    if (shownLine !== undefined && mark.line > shownLine + 1) rows.push(style.cyan('   ...'));
    if (shownLine !== mark.line || shownText !== snippet.text) {
      rows.push(`${style.cyan(`${String(mark.line).padStart(GUTTER)} |`)} ${snippet.text}`.trimEnd());
    }
    [shownLine, shownText] = [mark.line, snippet.text];
    const colour = mark.sign === '^' ? paint : style.cyan;
    const signs = `${' '.repeat(snippet.before)}${colour(mark.sign.repeat(snippet.width))}`;
    const label = printable(mark.label);
    const isFitting = snippet.before + snippet.width + 1 + widthOf(label) <= room;
    if (label === '') rows.push(`${blank} ${signs}`);
    else if (isFitting) rows.push(`${blank} ${signs} ${colour(label)}`);
    else {
      const indent = Math.max(0, Math.min(snippet.before, room - widthOf(label)));
      rows.push(`${blank} ${signs}`, `${blank} ${' '.repeat(indent)}${colour(label)}`);
    }
  }
  return rows;
}
