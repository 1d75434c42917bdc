import { printable, quote } from '@sheaf/workflow';
import { ClientError } from '../errors.js';

const HINT = 'restore it from version control, or remove it and run sheaf lock';

/** Reads a lockfile line by line. What is not exactly as it is written is `lock.invalid`, with file, line and column. */
export interface LineReader {
  /** Whether the next line is this one. */
  readonly isNext: (line: string) => boolean;
  /** Whether the line after the next is this one. */
  readonly isAfterNext: (line: string) => boolean;
  /** Whether the next line gives this key. */
  readonly isNextKey: (key: string) => boolean;
  readonly isAtEnd: () => boolean;
  /** Goes past a line that must be this one. */
  readonly expect: (line: string) => void;
  /** The text of `key = "text"`. */
  readonly text: (key: string) => string;
  /** The number of `key = 12`. */
  readonly count: (key: string) => number;
  /** The texts of `key = ["a", "b"]`. */
  readonly texts: (key: string, max: number) => readonly string[];
  /** The numbers of `key = [1, 2]`. */
  readonly counts: (key: string, max: number) => readonly number[];
  /** The lines of a multi-line literal string, with their ends. */
  readonly block: (key: string, maxLines: number) => string;
  /** Runs a parser on what was read last; what it throws is told with that line. */
  readonly parsed: <T>(parse: () => T) => T;
  /** Refuses the next line. */
  readonly failNext: (problem: string) => never;
  /** Refuses what was read last. */
  readonly fail: (problem: string, cause?: unknown) => never;
}

export function createLineReader(text: string, file: string): LineReader {
  const lines = text.split('\n');
  let at = 0;
  let column = 1;

  const failAt = (line: number, problem: string, cause?: unknown): never => {
    const place = `${printable(file, 1000)}:${line + 1}:${column}`;
    throw new ClientError('lock.invalid', `${place}: ${problem}`, { hint: HINT, cause });
  };
  /** What follows `key = ` on the next line. */
  const value = (key: string): string => {
    const line = lines[at] ?? '';
    const start = `${key} = `;
    column = 1;
    if (!line.startsWith(start)) return failAt(at, `${key} is missing`);
    at++;
    column = start.length + 1;
    return line.slice(start.length);
  };
  const fail = (problem: string, cause?: unknown): never => failAt(at - 1, problem, cause);
  const numberOf = (digits: string, key: string): number =>
    /^(?:0|[1-9]\d{0,14})$/.test(digits) ? Number(digits) : fail(`${key} is not a whole number`);
  const items = (key: string, max: number): readonly string[] => {
    const list = value(key);
    if (!list.startsWith('[') || !list.endsWith(']')) return fail(`${key} is not a list`);
    if (list === '[]') return [];
    const parts = list.slice(1, -1).split(', ', max + 1);
    return parts.length > max ? fail(`${key} has more than ${max} items`) : parts;
  };
  const textOf = (quoted: string, key: string): string =>
    /^"[^"\\\p{Cc}]*"$/u.test(quoted) ? quoted.slice(1, -1) : fail(`${key} is not text in quotes`);

  return {
    isNext: (line) => lines[at] === line,
    isAfterNext: (line) => lines[at + 1] === line,
    isNextKey: (key) => lines[at]?.startsWith(`${key} = `) === true,
    isAtEnd: () => at === lines.length - 1 && lines[at] === '',
    expect: (line) => {
      column = 1;
      if (lines[at] !== line)
        failAt(at, line === '' ? 'an empty line is missing' : `the line ${quote(line)} is missing`);
      at++;
    },
    text: (key) => textOf(value(key), key),
    count: (key) => numberOf(value(key), key),
    texts: (key, max) => items(key, max).map((item) => textOf(item, key)),
    counts: (key, max) => items(key, max).map((item) => numberOf(item, key)),
    block: (key, maxLines) => {
      if (value(key) !== `'''`) fail(`${key} is not a text of several lines`);
      const found = lines.slice(at, at + maxLines + 1).indexOf(`'''`);
      if (found === -1) fail(`${key} does not end`);
      const block = lines.slice(at, at + found);
      at += found + 1;
      return block.map((line) => `${line}\n`).join('');
    },
    parsed: (parse) => {
      try {
        return parse();
      } catch (cause) {
        return fail(cause instanceof Error ? cause.message : 'it cannot be read', cause);
      }
    },
    failNext: (problem) => {
      column = 1;
      return failAt(at, problem);
    },
    fail,
  };
}
