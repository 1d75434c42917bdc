/** A line of a comparison: what was expected (`-`), what came (`+`), or both. */
export interface DiffLine {
  readonly sign: '-' | '+' | ' ';
  readonly text: string;
}

/** Lines that are the same, shown around what is not. */
const AROUND = 2;
/** Lines of each side that are shown. */
const MAX_LINES = 20;

/** Compares values line by line where they have several; nothing for values of one line, which the message has. */
export function diffValues(expected: unknown, got: unknown): readonly DiffLine[] {
  const [before, after] = [linesOf(expected), linesOf(got)];
  if (before.length < 2 && after.length < 2) return [];
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const same = (text: string): DiffLine => ({ sign: ' ', text });
  return [
    ...before.slice(Math.max(0, start - AROUND), start).map(same),
    ...cut(before.slice(start, before.length - end), '-'),
    ...cut(after.slice(start, after.length - end), '+'),
    ...before.slice(before.length - end, before.length - end + AROUND).map(same),
  ];
}

function cut(lines: readonly string[], sign: '-' | '+'): readonly DiffLine[] {
  const shown = lines.slice(0, MAX_LINES).map((text): DiffLine => ({ sign, text }));
  const rest = lines.length - shown.length;
  return rest === 0 ? shown : [...shown, { sign, text: `… and ${rest} more lines` }];
}

function linesOf(value: unknown): readonly string[] {
  return (typeof value === 'string' ? value : JSON.stringify(value, null, 2)).split('\n');
}
