import { BundleError, type BundleErrorCode } from '../error.js';
import { findUtf8, isWellFormed } from './bytes.js';

/** A parsed JSON value; objects are maps, so that no key can reach a prototype. */
export type StrictJson =
  string | number | boolean | null | readonly StrictJson[] | ReadonlyMap<string, StrictJson>;

const MAX_DEPTH = 32;
const NUMBER = /-?(?:0|[1-9][0-9]*)/y;
// Either characters that stand for themselves or one escape; the two never overlap, so matching is linear.
const STRING = /"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;

/**
 * Reads JSON (RFC 8259) where two readers cannot disagree: valid UTF-8, no duplicate key, no number but safe
 * integers, no lone surrogate, at most 32 levels deep, at most `maxBytes` long.
 *
 * @param what names the document in messages
 * @throws BundleError with the given code
 */
export function parseStrictJson(
  input: Uint8Array | string,
  maxBytes: number,
  code: BundleErrorCode,
  what: string,
): StrictJson {
  if (input.length > maxBytes) throw new BundleError(code, `${what} is larger than ${maxBytes} bytes`);
  const text = typeof input === 'string' ? input : findUtf8(input);
  if (text === undefined || !isWellFormed(text)) throw new BundleError(code, `${what} is not valid utf-8`);
  const reader: Reader = { text, at: 0, code, what };
  const value = readValue(reader, 0);
  skipSpace(reader);
  if (reader.at !== text.length) fail(reader, 'nothing may follow the value');
  return value;
}

interface Reader {
  readonly text: string;
  at: number;
  readonly code: BundleErrorCode;
  readonly what: string;
}

function fail(reader: Reader, problem: string): never {
  throw new BundleError(reader.code, `${reader.what}, character ${reader.at + 1}: ${problem}`);
}

function skipSpace(reader: Reader): void {
  while (' \t\n\r'.includes(reader.text.charAt(reader.at)) && reader.at < reader.text.length) reader.at++;
}

/** The next character that is not space, without consuming it. */
function peek(reader: Reader): string {
  skipSpace(reader);
  return reader.text.charAt(reader.at);
}

function readValue(reader: Reader, depth: number): StrictJson {
  if (depth > MAX_DEPTH) fail(reader, `values are nested deeper than ${MAX_DEPTH} levels`);
  const next = peek(reader);
  if (next === '{') return readObject(reader, depth);
  if (next === '[') return readList(reader, depth);
  if (next === '"') return readString(reader);
  for (const [word, value] of [
    ['true', true],
    ['false', false],
    ['null', null],
  ] as const) {
    if (reader.text.startsWith(word, reader.at)) {
      reader.at += word.length;
      return value;
    }
  }
  return readInteger(reader);
}

function readObject(reader: Reader, depth: number): ReadonlyMap<string, StrictJson> {
  const members = new Map<string, StrictJson>();
  reader.at++;
  if (peek(reader) === '}') {
    reader.at++;
    return members;
  }
  for (;;) {
    if (peek(reader) !== '"') fail(reader, 'a member name is expected');
    const key = readString(reader);
    if (members.has(key)) fail(reader, 'a member name is used twice');
    if (peek(reader) !== ':') fail(reader, 'a colon is expected');
    reader.at++;
    members.set(key, readValue(reader, depth + 1));
    if (endsHere(reader, '}')) return members;
  }
}

function readList(reader: Reader, depth: number): readonly StrictJson[] {
  const items: StrictJson[] = [];
  reader.at++;
  if (peek(reader) === ']') {
    reader.at++;
    return items;
  }
  for (;;) {
    items.push(readValue(reader, depth + 1));
    if (endsHere(reader, ']')) return items;
  }
}

/** Consumes a comma (false) or the closing character (true). */
function endsHere(reader: Reader, close: string): boolean {
  const next = peek(reader);
  if (next !== ',' && next !== close) fail(reader, `a comma or ${close} is expected`);
  reader.at++;
  return next === close;
}

/** The backslash, which has a meaning of its own in a string, and controls: all but what is named here. */
const NOT_PLAIN = /[^ -[\]-~\u00a0-\u{10ffff}]/u;

function readString(reader: Reader): string {
  const end = reader.text.indexOf('"', reader.at + 1);
  const plain = end === -1 ? '\\' : reader.text.slice(reader.at + 1, end);
  // Nearly every string stands for itself, and the whole text is known to be well formed.
  if (!NOT_PLAIN.test(plain)) {
    reader.at = end + 1;
    return plain;
  }
  STRING.lastIndex = reader.at;
  const raw = STRING.exec(reader.text)?.[0];
  if (raw === undefined) fail(reader, 'a string does not end, or holds a control character or a bad escape');
  const value = JSON.parse(raw) as string;
  if (!isWellFormed(value)) fail(reader, 'a string holds half a surrogate pair');
  reader.at += raw.length;
  return value;
}

function readInteger(reader: Reader): number {
  NUMBER.lastIndex = reader.at;
  const raw = NUMBER.exec(reader.text)?.[0];
  if (raw === undefined) fail(reader, 'a value is expected');
  const value = Number(raw);
  const follows = reader.text.charAt(reader.at + raw.length);
  if (!Number.isSafeInteger(value) || Object.is(value, -0) || '.eE'.includes(follows || ' ')) {
    fail(reader, 'numbers must be safe integers');
  }
  reader.at += raw.length;
  return value;
}
