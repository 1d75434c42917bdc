import { readFile } from 'node:fs/promises';
import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';

const MAX_BYTES = 256 * 1024;
const MAX_ENTRIES = 1_000;

/** What a file with `NAME=value` lines says. @throws CliError `file.not_found`, `file.too_large`, `dotenv.invalid` */
export async function readDotenv(path: string): Promise<ReadonlyMap<string, string>> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new CliError('file.not_found', `there is no file ${printable(path)}`, {
      hint: 'a dotenv file has lines like TOKEN=value',
      cause: error,
    });
  }
  if (bytes.length > MAX_BYTES)
    throw new CliError(
      'file.too_large',
      `${printable(path)} has ${bytes.length} bytes, more than ${MAX_BYTES}`,
    );
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid(path, 'it is no UTF-8', 'write it again as UTF-8');
  }
  return parseDotenv(text, path);
}

/**
 * Reads lines of `NAME=value`, where nothing is expanded and nothing is guessed: a value of letters, digits and most signs stands as it is;
 * in single quotes, all but these; in double quotes with `\n`, `\r`, `\t`, `\"`, `\\` and `\$`. A value in quotes may have several lines. `export ` before
 * a name, empty lines and comments from `#` on are passed over. No message says anything of a value.
 *
 * @throws CliError `dotenv.invalid` with the place
 */
export function parseDotenv(text: string, path: string): ReadonlyMap<string, string> {
  const cursor: Cursor = { text, path, at: 0 };
  const found = new Map<string, string>();
  const starts = new Map<string, number>();
  for (;;) {
    skip(cursor, BLANK);
    if (cursor.at >= text.length) return found;
    skip(cursor, EXPORT);
    const start = cursor.at;
    const name = take(cursor, NAME);
    if (name === '' || name.length > MAX_NAME)
      fail(cursor, 'a name is expected', 'write NAME=value, where a name has letters, digits and _');
    if (text[cursor.at] !== '=')
      fail(cursor, 'an = is expected right behind the name', `write ${name}=value`);
    cursor.at += 1;
    const value = readValue(cursor, name);
    skip(cursor, REST);
    if (cursor.at < text.length && text[cursor.at] !== '\n' && text[cursor.at] !== '\r')
      fail(cursor, `the value of ${name} ends before the line does`, `put it in single quotes: ${name}='…'`);
    const first = starts.get(name);
    if (first !== undefined) {
      cursor.at = start;
      const { line } = placeOf(text, first);
      fail(cursor, `${name} is there already, in line ${line}`, 'remove one of the two');
    }
    if (found.size === MAX_ENTRIES)
      fail(cursor, `there are more than ${MAX_ENTRIES} names`, 'remove what is not needed');
    if (value.includes('\0')) fail(cursor, `the value of ${name} holds a NUL`, 'remove it');
    found.set(name, value);
    starts.set(name, start);
  }
}

interface Cursor {
  readonly text: string;
  readonly path: string;
  at: number;
}

// Sticky, so that each character is looked at once.
const BLANK = /(?:[ \t\r\n\ufeff]|#[^\n]*)*/y;
const EXPORT = /export[ \t]+/y;
const NAME = /(?:[A-Za-z_][A-Za-z0-9_]*)?/y;
const PLAIN = /[^\s'"`\\$#]*/y;
const REST = /(?:[ \t]+(?:#[^\n]*)?)?/y;
const MAX_NAME = 128;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['"', '"'],
  ['\\', '\\'],
  ['$', '$'],
]);

function readValue(cursor: Cursor, name: string): string {
  const quote = cursor.text[cursor.at];
  if (quote === "'") return readSingle(cursor, name);
  return quote === '"' ? readDouble(cursor, name) : take(cursor, PLAIN);
}

function readSingle(cursor: Cursor, name: string): string {
  const end = cursor.text.indexOf("'", cursor.at + 1);
  if (end === -1) fail(cursor, `the value of ${name} has no closing quote`, "end it with '");
  const value = cursor.text.slice(cursor.at + 1, end);
  cursor.at = end + 1;
  return value;
}

function readDouble(cursor: Cursor, name: string): string {
  const { text, at: start } = cursor;
  const parts: string[] = [];
  cursor.at += 1;
  for (;;) {
    const from = cursor.at;
    while (cursor.at < text.length && !'"\\$`'.includes(text.charAt(cursor.at))) cursor.at += 1;
    parts.push(text.slice(from, cursor.at));
    const sign = text[cursor.at];
    if (sign === undefined) {
      cursor.at = start;
      fail(cursor, `the value of ${name} has no closing quote`, 'end it with "');
    }
    if (sign === '"') {
      cursor.at += 1;
      return parts.join('');
    }
    if (sign !== '\\')
      fail(
        cursor,
        `the value of ${name} has an expansion, and nothing is expanded here`,
        `put it in single quotes: ${name}='…'`,
      );
    const escaped = ESCAPES.get(text.charAt(cursor.at + 1));
    if (escaped === undefined)
      fail(cursor, `the value of ${name} has an unknown escape`, 'known: \\n \\r \\t \\" \\\\ \\$');
    parts.push(escaped);
    cursor.at += 2;
  }
}

function take(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at;
  const [found = ''] = pattern.exec(cursor.text) ?? [];
  cursor.at += found.length;
  return found;
}

function skip(cursor: Cursor, pattern: RegExp): void {
  take(cursor, pattern);
}

function fail({ text, path, at }: Cursor, problem: string, hint: string): never {
  const { line, column } = placeOf(text, at);
  throw invalid(`${path}:${line}:${column}`, problem, hint);
}

/** Both from 1; the column counts characters as editors do. */
function placeOf(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: Array.from(before.at(-1) ?? '').length + 1 };
}

function invalid(place: string, problem: string, hint: string): CliError {
  return new CliError('dotenv.invalid', `${printable(place)}: ${problem}`, { hint });
}
