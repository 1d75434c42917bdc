import { nearByLetters, nearByTerms, type NearEntry } from '../../db/search-queries.js';
import type { SearchDatabase } from '../../db/search-database.js';
import { findDistance } from './distance.js';
import { nearQuery, type TextQuery } from './query.js';
import { all, any, type TermQuery } from './term-query.js';

/** Words that differ by more letters are others. */
const MAX_DISTANCE = 2;
/** What a word of the query is worth that describes a workflow without being of its name. */
const DESCRIBED = 0.5;

/** What the caller narrowed the search to, and may see. */
export interface NearScope {
  readonly filter: TermQuery | undefined;
  readonly privateFilter: TermQuery | undefined;
}

/**
 * What may have been meant by a text that nothing matches, best first: at first workflows of which every word is nearly
 * one of the name or describes them, then those of which some word is, at last names that share letters.
 */
export async function findNear(
  searchDb: SearchDatabase,
  query: TextQuery,
  scope: NearScope,
  limit: number,
): Promise<readonly NearEntry[]> {
  const combinations = query.words.length > 1 ? [all, any] : [all];
  for (const combine of combinations) {
    const terms = nearQuery(query, combine);
    if (terms === undefined) return [];
    const candidates = await nearByTerms(searchDb, within(terms, scope.filter), within2(terms, scope));
    const ranked = rank(candidates, query, combine === any);
    if (ranked.length > 0) return ranked.slice(0, limit);
  }
  if (scope.filter !== undefined) return [];
  const text = query.words
    .map((word) => word.text)
    .join('-')
    .slice(0, 64);
  return (await nearByLetters(searchDb, text)).slice(0, limit);
}

function within(terms: TermQuery, filter: TermQuery | undefined): string {
  return filter === undefined ? terms : all([terms, filter]);
}

function within2(terms: TermQuery, { privateFilter }: NearScope): string | null {
  return privateFilter === undefined ? null : all([terms, privateFilter]);
}

function rank(candidates: readonly NearEntry[], query: TextQuery, isPartial: boolean): readonly NearEntry[] {
  const asked = query.words.map((word) => word.text.slice(0, 64));
  return candidates
    .map((entry) => ({ entry, closeness: closenessOf(entry, asked, isPartial) }))
    .filter(({ closeness }) => closeness > 0)
    .sort(
      (a, b) =>
        b.closeness - a.closeness ||
        b.entry.quality - a.entry.quality ||
        (a.entry.card().id < b.entry.card().id ? -1 : 1),
    )
    .map(({ entry }) => entry);
}

/** 0 for an entry that has only hashed alike. */
function closenessOf({ name }: NearEntry, asked: readonly string[], isPartial: boolean): number {
  const words = [...name.split('-'), name.replaceAll('-', '')];
  const whole = similarity(asked.join(''), name.replaceAll('-', ''));
  const each = asked.map((word) => Math.max(...words.map((own) => similarity(word, own))));
  if (whole === 0 && each.every((closeness) => closeness === 0))
    return isPartial ? DESCRIBED / asked.length : 0;
  const together = each.reduce((sum, closeness) => sum + (closeness || DESCRIBED), 0) / asked.length;
  // Of names that are equally near the shorter one has less beside what was asked for.
  return Math.max(whole * 1.2, together * 0.9 + (0.1 * asked.length) / words.length);
}

/** From 1 for the same word to 0 for another. */
function similarity(asked: string, own: string): number {
  const distance = findDistance(asked, own, MAX_DISTANCE);
  if (distance === undefined || distance * 2 > Math.max(asked.length, own.length)) return 0;
  return 1 - distance / (Math.max(asked.length, own.length) + 1);
}
