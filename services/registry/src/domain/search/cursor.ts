import { RegistryError } from '../error.js';
import type { SearchQuery } from './query.js';

/** Where a page begins, and what the first page said of them all. */
export interface SearchCursor {
  readonly key: string;
  readonly id: number;
  readonly total: number;
  readonly isExact: boolean;
}

const MAX_LENGTH = 512;

/**
 * Opaque to callers. It holds the place behind the last hit in the order of the search, not a number of hits, so that what
 * is published meanwhile neither repeats nor displaces one.
 */
export function encodeCursor(query: SearchQuery, { key, id, total, isExact }: SearchCursor): string {
  return Buffer.from(JSON.stringify([fingerprint(query), key, id, total, isExact ? 1 : 0])).toString(
    'base64url',
  );
}

/** @throws RegistryError `request.invalid` for one that this search did not make */
export function decodeCursor(query: SearchQuery, cursor: string): SearchCursor {
  const fields = parse(cursor);
  const [made, key, id, total, isExact] = fields ?? [];
  if (
    fields?.length !== 5 ||
    made !== fingerprint(query) ||
    typeof key !== 'string' ||
    !isKey(query, key) ||
    typeof id !== 'number' ||
    !Number.isSafeInteger(id) ||
    id < 0 ||
    typeof total !== 'number' ||
    !Number.isSafeInteger(total) ||
    total < 0 ||
    (isExact !== 0 && isExact !== 1)
  ) {
    const detail = 'cursor is not one of this search: begin without it';
    throw new RegistryError('request.invalid', detail, {
      errors: [{ pointer: '?cursor', code: 'parameter.invalid', detail }],
    });
  }
  return { key, id, total, isExact: isExact === 1 };
}

function parse(cursor: string): readonly unknown[] | undefined {
  if (cursor.length > MAX_LENGTH || !/^[A-Za-z0-9_-]+$/.test(cursor)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The database reads it as the type of the order: it must not be able to fail there. */
function isKey({ sort }: SearchQuery, key: string): boolean {
  switch (sort) {
    case 'relevance':
      return /^\d{1,9}(?:\.\d{1,24})?(?:e-\d{1,2})?$/.test(key);
    case 'downloads':
      return /^\d{1,15}$/.test(key);
    case 'recent':
      return /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?\+00$/.test(
        key,
      );
    case 'name':
      return /^[a-z0-9-]{1,64} [a-z0-9-]{1,64}$/.test(key);
  }
}

/** Of all that decides which hits there are, and in which order. Against mistakes only: nothing is won by another cursor. */
function fingerprint({ text, tags, owner, license, permission, state, sort }: SearchQuery): string {
  const asked = JSON.stringify([text, tags, owner, license, permission, state, sort]);
  return `${fnv1a(asked, 0x811c9dc5)}${fnv1a(asked, 0x5bd1e995)}`;
}

/** http://www.isthe.com/chongo/tech/comp/fnv/, 32 bits, from any beginning. */
function fnv1a(text: string, basis: number): string {
  let hash = basis;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}
