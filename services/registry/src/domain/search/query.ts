import type { SearchSort, SearchState } from '@sheaf/client/contract';
import type { ReadablePrivate } from '../access/reading.js';
import { MOST_NAMESPACES } from '../limits/most-namespaces.js';
import { all, any, term, type TermQuery } from './term-query.js';
import { filterTerm, MARK, spellingTerms } from './terms.js';
import { stem } from './stem.js';
import { STOP_WORDS, wordsOf, type Word } from './words.js';

/** What a search asks for. The caller has checked the lengths. */
export interface SearchQuery {
  readonly text: string;
  readonly tags: readonly string[];
  readonly owner?: string | undefined;
  readonly license?: string | undefined;
  readonly permission?: string | undefined;
  readonly state?: SearchState | undefined;
  readonly sort: SearchSort;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** What the caller finds beside public namespaces. */
  readonly readable: ReadablePrivate;
}

/** Words after these are not looked at. */
const MAX_QUERY_WORDS = 16;
/** Shorter beginnings would be those of too many words. */
const MIN_PREFIX = 2;
/** Shorter words have too many neighbours to be called misspelled. */
const MIN_SPELLED = 3;

/** A text as the index is asked for it. A part that is undefined matches nothing. */
export interface TextQuery {
  readonly words: readonly Word[];
  /** Every word is one of the name; the last may be the beginning of one. */
  readonly names: TermQuery | undefined;
  /** Every word that says something describes the workflow at first sight. */
  readonly head: TermQuery | undefined;
  /** Every such word occurs somewhere. Whatever `names` matches it matches too. */
  readonly anywhere: TermQuery | undefined;
  /** As `anywhere` without the word that may be a beginning; undefined when there is none, or no other. */
  readonly others: { readonly words: readonly string[]; readonly terms: TermQuery } | undefined;
  /** Names that the whole text is. */
  readonly exact: { readonly name: string; readonly namespace: string | undefined } | undefined;
}

/** Undefined when the text asks for nothing. */
export function textQuery(text: string): TextQuery | undefined {
  const trimmed = text.normalize('NFKC').trim().toLowerCase();
  if (trimmed === '') return undefined;
  const words = wordsOf(text, MAX_QUERY_WORDS);
  const telling = words.filter((word) => !STOP_WORDS.has(word.text));
  // Whoever is in the middle of a word has written nothing behind it.
  const last = /[\p{L}\p{N}]$/u.test(text) ? words.at(-1) : undefined;
  const names = words.length === 0 ? undefined : all(words.map((word) => nameTerms(word, word === last)));
  const others = telling.filter((word) => word !== last);
  return {
    words,
    names,
    head: telling.length === 0 ? undefined : all(telling.map((word) => headTerms(word, word === last))),
    anywhere: telling.length === 0 ? names : all(telling.map((word) => anyTerms(word, word === last))),
    others:
      others.length === 0 || others.length === telling.length
        ? undefined
        : {
            words: others.map((word) => word.text),
            terms: all(others.map((word) => anyTerms(word, false))),
          },
    exact: exactName(trimmed),
  };
}

/** What the search is narrowed to; undefined when to nothing. */
export function filterQuery(
  query: Omit<SearchQuery, 'text' | 'sort' | 'limit' | 'readable'>,
): TermQuery | undefined {
  const terms = [
    ...query.tags.map((tag) => filterTerm('tag', tag)),
    ...(query.owner === undefined ? [] : [filterTerm('owner', query.owner)]),
    ...(query.license === undefined ? [] : [filterTerm('license', query.license)]),
    ...(query.permission === undefined ? [] : [filterTerm('permission', query.permission)]),
    ...(query.state === undefined ? [] : [filterTerm('state', query.state)]),
  ];
  return terms.length === 0 ? undefined : all(terms.map((each) => term(each)));
}

/** What of the private catalogue the caller may see; undefined for nothing. */
export function privateQuery(readable: ReadablePrivate): TermQuery | undefined {
  // Every entry has a state.
  if (readable === 'all')
    return any([term(filterTerm('state', 'active')), term(filterTerm('state', 'deprecated'))]);
  if (readable.length === 0) return undefined;
  // Each costs as much as a word of the text: no search is for more than somebody may be a member of.
  return any(readable.slice(0, MOST_NAMESPACES).map((name) => term(MARK.realm + name)));
}

/** For a text that nothing matches: every word is nearly one of the name, or describes the workflow. */
export function nearQuery({ words }: Pick<TextQuery, 'words'>, combine: typeof all): TermQuery | undefined {
  const telling = words.filter((word) => !STOP_WORDS.has(word.text));
  const chosen = telling.length > 0 ? telling : words;
  if (chosen.length === 0) return undefined;
  const together = chosen.length > 1 ? [spelledTerms(chosen.map(({ text }) => text).join(''))] : [];
  return any([combine(chosen.map(nearTerms)), ...together]);
}

function nameTerms({ text, parts }: Word, isPrefix: boolean): TermQuery {
  return orParts(text, parts, (each) => term(MARK.name + each, isPrefix));
}

function headTerms({ text, parts }: Word, isPrefix: boolean): TermQuery {
  return orParts(text, parts, (each) => {
    const stemmed = term(MARK.head + stem(each));
    return isPrefix && each.length >= MIN_PREFIX ? any([stemmed, term(MARK.head + each, true)]) : stemmed;
  });
}

function anyTerms(word: Word, isPrefix: boolean): TermQuery {
  return any([
    headTerms(word, isPrefix),
    orParts(word.text, word.parts, (each) => term(MARK.any + stem(each))),
    // The beginning of a word of the name may be shorter than that of any other.
    ...(isPrefix && word.text.length < MIN_PREFIX ? [term(MARK.name + word.text, true)] : []),
  ]);
}

function nearTerms({ text }: Word): TermQuery {
  return any([
    term(MARK.head + stem(text)),
    term(MARK.any + stem(text)),
    ...(text.length < MIN_SPELLED ? [] : [spelledTerms(text)]),
  ]);
}

function spelledTerms(text: string): TermQuery {
  return any(spellingTerms(text.slice(0, 64)).map((each) => term(each)));
}

/** A word that is made of several is found by itself or by all of its parts. */
function orParts(
  text: string,
  parts: readonly string[] | undefined,
  each: (text: string) => TermQuery,
): TermQuery {
  return parts === undefined ? each(text) : any([each(text), all(parts.map(each))]);
}

function exactName(text: string): TextQuery['exact'] {
  const match = /^(?:([a-z0-9-]{1,64})\/)?([a-z0-9-]{1,64})$/.exec(text.replace(/[\s_]+/g, '-'));
  return match?.[2] === undefined ? undefined : { name: match[2], namespace: match[1] };
}
