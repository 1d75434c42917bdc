import { sql, type RawBuilder } from 'kysely';
import { quoteTerm } from '../domain/search/term-query.js';
import { indexTerms, type IndexedText } from '../domain/search/terms.js';

/** Weight of the terms that describe a version at first sight; `ts_filter` takes them out again. */
const HEAD_WEIGHT = 'B';

/** What search finds a version by, as its column holds it. Costs the database no more than reading it. */
export function searchVector(text: IndexedText): RawBuilder<string> {
  return sql<string>`${vectorText(text)}::tsvector`;
}

/** The text form of that vector. */
export function vectorText(text: IndexedText): string {
  const { head, terms } = indexTerms(text);
  const isHead = new Set(head);
  return terms
    .map((term) => (isHead.has(term) ? `${quoteTerm(term)}:1${HEAD_WEIGHT}` : quoteTerm(term)))
    .join(' ');
}
