import type { Diagnostic } from '@sheaf/workflow';
import { printable } from '../terminal/escape.js';
import type { Style } from '../terminal/style.js';
import { widthOf } from '../terminal/text.js';

/** Findings of one code beyond this many are counted, not shown. */
const MAX_ALIKE = 20;
const MAX_LINE_COLUMNS = 160;

/** A diagnostic of a definition, or a finding of the same form under a code of its own. */
export type ShownDiagnostic = Omit<Diagnostic, 'code'> & { readonly code: string };

/** Each finding as `file:line:col code message`, its line with the place marked, and the hint. */
export function renderDiagnostics(
  diagnostics: readonly ShownDiagnostic[],
  style: Style,
  sources: ReadonlyMap<string, string> = new Map(),
): string {
  const seen = new Map<string, number>();
  const blocks: string[] = [];
  for (const diagnostic of diagnostics) {
    const count = (seen.get(diagnostic.code) ?? 0) + 1;
    seen.set(diagnostic.code, count);
    if (count <= MAX_ALIKE) blocks.push(renderOne(diagnostic, style, sources.get(diagnostic.file)));
  }
  for (const [code, count] of seen) {
    if (count > MAX_ALIKE)
      blocks.push(`… and ${count - MAX_ALIKE} more ${printable(code)} (all of them: --json)`);
  }
  return blocks.join('\n');
}

function renderOne(diagnostic: ShownDiagnostic, style: Style, source: string | undefined): string {
  const { file, line, column, severity, code, message, hint } = diagnostic;
  const mark = severity === 'error' ? style.red : style.yellow;
  const label = severity === 'error' ? '' : `${style.yellow('warning')} `;
  return [
    `${style.bold(`${printable(file)}:${line}:${column}`)} ${label}${mark(printable(code))} ${printable(message)}`,
    ...renderPlace(diagnostic, mark, source?.split('\n', line)[line - 1]),
    `  ${style.cyan('hint:')} ${printable(hint)}`,
  ].join('\n');
}

/** The line of the source and, under it, carets. A long line is cut around the place. */
function renderPlace(
  diagnostic: ShownDiagnostic,
  mark: (text: string) => string,
  raw: string | undefined,
): readonly string[] {
  if (raw === undefined) return [];
  const text = raw.replace(/\r$/, '');
  const start = diagnostic.column - 1;
  const onOneLine = diagnostic.endLine === undefined || diagnostic.endLine === diagnostic.line;
  const end = onOneLine ? (diagnostic.endColumn ?? diagnostic.column + 1) - 1 : text.length;
  const from = Math.max(0, start - MAX_LINE_COLUMNS / 2);
  const shown = tame(text.slice(from, from + MAX_LINE_COLUMNS));
  const before = widthOf(tame(text.slice(from, start)));
  const carets = Math.max(1, widthOf(tame(text.slice(start, Math.min(end, from + MAX_LINE_COLUMNS)))));
  const gutter = String(diagnostic.line).padStart(5);
  return [`${gutter} | ${shown}`, `${' '.repeat(5)} | ${' '.repeat(before)}${mark('^'.repeat(carets))}`];
}

function tame(text: string): string {
  return printable(text.replaceAll('\t', '  '));
}
