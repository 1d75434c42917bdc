import type { KeyId } from '@sheaf/bundle';
import { readTomlDocument, type TomlDocument } from '@sheaf/workflow';

/** One rule in the text of a policy file that parses. Each edit answers undefined when the rule is written unusually. */
export interface RuleText {
  readonly text: string;
  /** Its place among the `[[publisher]]` of the file. */
  readonly index: number;
}

/** What stands after the last value of a line: a comma, a comment. */
const REST_OF_LINE = /^[ \t]*(,?)[ \t]*(?:#[^\r\n]*)?$/;

/** The line ending that a text uses. */
export function lineEndingOf(text: string): '\n' | '\r\n' {
  return /\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n';
}

/** Writes keys behind the last one, on lines of their own where that has one. */
export function insertKeys(
  rule: RuleText,
  has: readonly KeyId[],
  added: readonly KeyId[],
): string | undefined {
  const last = has.length - 1;
  const span = spanOfKey(rule, last, has[last]);
  if (span === undefined) return undefined;
  const { text } = rule;
  const { lineEnd, indent } = lineAround(text, span.start);
  const rest = REST_OF_LINE.exec(text.slice(span.end, lineEnd));
  if (rest === null || indent === undefined) {
    const listed = added.map((key) => `, "${key}"`).join('');
    return text.slice(0, span.end) + listed + text.slice(span.end);
  }
  const eol = lineEndingOf(text);
  const isClosed = rest[1] === ',';
  const lines = added.map((key) => `${eol}${indent}"${key}"`).join(',') + (isClosed ? ',' : '');
  return (
    text.slice(0, span.end) +
    (isClosed ? '' : ',') +
    text.slice(span.end, lineEnd) +
    lines +
    text.slice(lineEnd)
  );
}

/** Takes a key out; one on a line of its own with the line, and with the comment behind it. */
export function removeKey(rule: RuleText, has: readonly KeyId[], key: KeyId): string | undefined {
  const span = spanOfKey(rule, has.indexOf(key), key);
  if (span === undefined) return undefined;
  const { text } = rule;
  const { lineStart, lineEnd, nextLine, indent } = lineAround(text, span.start);
  if (indent !== undefined && REST_OF_LINE.test(text.slice(span.end, lineEnd)))
    return text.slice(0, lineStart) + text.slice(nextLine);
  const after = text.slice(span.end);
  const comma = /^[ \t]*,[ \t]*/.exec(after);
  if (comma !== null) return text.slice(0, span.start) + after.slice(comma[0].length);
  return text.slice(0, span.start).replace(/,[ \t]*$/, '') + after;
}

/** Changes the threshold, or writes it in a line behind the namespace. */
export function setThreshold(rule: RuleText, isWritten: boolean, threshold: number): string | undefined {
  const { text, index } = rule;
  const at = offsetOf(text, ['publisher', index, isWritten ? 'threshold' : 'namespace']);
  if (at === undefined) return undefined;
  if (isWritten) return text.slice(0, at) + text.slice(at).replace(/^[+\w]{1,20}/, () => String(threshold));
  const { lineEnd, lineStart } = lineAround(text, at);
  const indent = /^[ \t]*/.exec(text.slice(lineStart, lineEnd))?.[0] ?? '';
  return `${text.slice(0, lineEnd)}${lineEndingOf(text)}${indent}threshold = ${threshold}${text.slice(lineEnd)}`;
}

/** How a member of the rule is written; undefined when it is not written. */
export function memberOf({ text, index }: RuleText, member: string): string | number | undefined {
  const rules = documentOf(text)?.value['publisher'];
  const rule: unknown = Array.isArray(rules) ? rules[index] : undefined;
  if (typeof rule !== 'object' || rule === null || !Object.hasOwn(rule, member)) return undefined;
  const value = (rule as Record<string, unknown>)[member];
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

function spanOfKey(
  { text, index }: RuleText,
  position: number,
  key: KeyId | undefined,
): { readonly start: number; readonly end: number } | undefined {
  const start = offsetOf(text, ['publisher', index, 'keys', position]);
  if (start === undefined || key === undefined) return undefined;
  const end = start + key.length + 2;
  const written = text.slice(start, end);
  return written === `"${key}"` || written === `'${key}'` ? { start, end } : undefined;
}

function offsetOf(text: string, path: readonly (string | number)[]): number | undefined {
  const document = documentOf(text);
  if (document === undefined) return undefined;
  const { line, column } = document.placeOf(path);
  let start = 0;
  for (let n = 1; n < line; n++) start = text.indexOf('\n', start) + 1;
  return start + column - 1;
}

function documentOf(text: string): TomlDocument | undefined {
  const read = readTomlDocument(text);
  return 'document' in read ? read.document : undefined;
}

/** @returns `indent` only when nothing but white space stands before the offset */
function lineAround(
  text: string,
  offset: number,
): {
  readonly lineStart: number;
  readonly lineEnd: number;
  readonly nextLine: number;
  readonly indent: string | undefined;
} {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', offset);
  const nextLine = newline === -1 ? text.length : newline + 1;
  const end = newline === -1 ? text.length : newline;
  const lineEnd = text[end - 1] === '\r' ? end - 1 : end;
  const before = text.slice(lineStart, offset);
  return { lineStart, lineEnd, nextLine, indent: /^[ \t]*$/.test(before) ? before : undefined };
}
