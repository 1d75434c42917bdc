import type { SearchSort } from '@sheaf/client/contract';
import type { SearchDatabase } from '../../db/search-database.js';
import { findEntries, type Found, type FoundEntry } from '../../db/search-queries.js';
import type { SearchShape, SearchValues } from '../../db/search-shape.js';
import type { CommonWords } from './common-words.js';
import type { TextQuery } from './query.js';
import { MAX_WORD_CHARACTERS } from './words.js';

export interface FindTextDeps {
  readonly searchDb: SearchDatabase;
  readonly commonWords: CommonWords;
}

/** What a text matches, by the cheapest statement that finds all of it; of too much the best, and what is named so. */
export async function findText(
  { searchDb, commonWords }: FindTextDeps,
  { words, others }: TextQuery,
  shape: Omit<SearchShape, 'kind'>,
  values: SearchValues,
): Promise<Found> {
  // A name with a word that is cut is not found by that word, and what is private has limits of its own.
  const isCut = words.some(({ text }) => text.length >= MAX_WORD_CHARACTERS);
  if (isCut || shape.hasPrivate) return findEntries(searchDb, { kind: 'mixed', ...shape }, values);
  if (others && !others.words.every((word) => commonWords.has(word))) {
    const few = await findEntries(searchDb, { kind: 'few', ...shape }, values);
    if (few.isAll) return few;
    // What has all of them is too much, so what has one of them is.
    commonWords.add(others.words);
  }
  const best = await findEntries(searchDb, { kind: 'text', ...shape }, values);
  if (best.isAll) return best;
  const named = await findEntries(searchDb, { kind: 'named', ...shape }, values);
  return { ...best, entries: merge(best.entries, named.entries, shape.sort).slice(0, values.limit) };
}

/** Two pages of the same order as one. */
function merge(a: readonly FoundEntry[], b: readonly FoundEntry[], sort: SearchSort): readonly FoundEntry[] {
  const merged = new Map([...a, ...b].map((entry) => [entry.id, entry]));
  return [...merged.values()].sort((x, y) => compare(x, y, sort));
}

function compare(a: FoundEntry, b: FoundEntry, sort: SearchSort): number {
  if (sort === 'name') return compareTexts(a.key, b.key) || a.id - b.id;
  const byKey = sort === 'recent' ? compareTexts(a.key, b.key) : Number(a.key) - Number(b.key);
  return -(byKey || a.id - b.id);
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
