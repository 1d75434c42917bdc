import type { Static, TSchema } from '@sinclair/typebox';
import { Check } from '@sinclair/typebox/value';
import { ClientError } from '../errors.js';

const MAX_DEPTH = 32;
/** So much of a string is looked at byte by byte, before its end is looked for at once. */
const SHORT_STRING = 32;

/**
 * Reads a JSON document of a registry and checks its form. Members that the schema does not know are left alone, so
 * that an older client can read a newer registry.
 *
 * @throws ClientError `response.invalid`
 */
export function readJson<T extends TSchema>(schema: T, bytes: Uint8Array, url: string): Static<T> {
  const value = parseBounded(bytes);
  if (value === undefined || !Check(schema, value)) {
    throw new ClientError(
      'response.invalid',
      `the registry at ${url} answered with a document of another form`,
      {
        hint: 'check that the address is that of a sheaf registry, and that this program is not older than it',
      },
    );
  }
  return value;
}

/** The value of a JSON text in UTF-8 that is at most {@link MAX_DEPTH} levels deep; undefined for anything else. */
export function parseBounded(bytes: Uint8Array): unknown {
  try {
    if (!isShallow(bytes)) return undefined;
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

/** What is read of the bytes of a text. */
export interface ReadBytes {
  readonly length: number;
  readonly [at: number]: number;
  indexOf(byte: number, from: number): number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;

/**
 * Whether the brackets of a JSON text are at most {@link MAX_DEPTH} deep in each other; those in strings do not count.
 * Counted before anything is built from them, in one pass; of UTF-8 no byte but the character itself is below 0x80.
 */
export function isShallow(bytes: ReadBytes): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at + 1);
    else if (byte === OPEN_LIST || byte === OPEN_MAP) depth++;
    else if (byte === CLOSE_LIST || byte === CLOSE_MAP) depth--;
    if (depth > MAX_DEPTH) return false;
  }
  return true;
}

/** Where the quote is that ends a string; the length of the text when none does. */
function endOfString(bytes: ReadBytes, from: number): number {
  const { length } = bytes;
  let at = from;
  for (;;) {
    const near = Math.min(at + SHORT_STRING, length);
    for (; at < near; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) return at;
      if (byte === BACKSLASH) at++;
    }
    if (at >= length) return length;
    const quote = bytes.indexOf(QUOTE, at);
    if (quote === -1) return length;
    let slashes = 0;
    while (bytes[quote - 1 - slashes] === BACKSLASH && quote - slashes > at) slashes++;
    if (slashes % 2 === 0) return quote;
    at = quote + 1;
  }
}
