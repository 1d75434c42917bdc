import { quoteTerm } from '../domain/search/term-query.js';
import { indexTerms, type IndexedText } from '../domain/search/terms.js';

/** Weight of the terms that describe a version at first sight; `ts_filter` takes them out again. */
const HEAD_WEIGHT = 'B';

/** What search finds a version by, as the text form of its column. Costs the database no more than reading it. */
export function vectorText(text: IndexedText): string {
  const { head, terms } = indexTerms(text);
  const isHead = new Set(head);
  return terms
    .map((term) => (isHead.has(term) ? `${quoteTerm(term)}:1${HEAD_WEIGHT}` : quoteTerm(term)))
    .join(' ');
}
