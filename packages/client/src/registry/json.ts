import type { Static, TSchema } from '@sinclair/typebox';
import { Check } from '@sinclair/typebox/value';
import { ClientError } from '../errors.js';

const MAX_DEPTH = 32;

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
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return isShallow(text) ? (JSON.parse(text) as unknown) : undefined;
  } catch {
    return undefined;
  }
}

/** What a bracket, or its place in a string, hangs on; all else is passed over without a look at each character. */
const PIECE = /[[\]{}"]|\\[\s\S]/g;

/** Counts brackets before anything is built from them; those in strings do not count. */
function isShallow(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (const [piece] of text.matchAll(PIECE)) {
    if (piece === '"') inString = !inString;
    else if (inString) continue;
    else if (piece === '[' || piece === '{') depth++;
    else if (piece === ']' || piece === '}') depth--;
    if (depth > MAX_DEPTH) return false;
  }
  return true;
}
