import type { SearchSort } from '@sheaf/client/contract';

/** At most so many matches are looked at, so that a query for a common word costs no more than one for a rare one. */
export const MAX_CANDIDATES = 1000;

/** Of what the other words of a text find, so many are looked at for the beginning of a word. */
export const MAX_FEW = 200;

/** Of a common word so many are looked at that have it in their name, whatever their rank. */
export const MAX_NAMED = 300;

/** Which statement a search needs; there are few, so each is prepared once on each connection. */
export interface SearchShape {
  /**
   * `few` looks for words of which one is a beginning, among what has all others: beginnings are dear to look up, and most
   * texts have a rare word. It says when that is too much. `text` looks for words in what is best; `named` for those of
   * names alone, of which more of the catalogue is within reach. `mixed` does both for who also sees what is private.
   * `filter` looks for tags and the like alone, `browse` for everything.
   */
  readonly kind: 'few' | 'text' | 'named' | 'mixed' | 'filter' | 'browse';
  readonly sort: SearchSort;
  /** Whether the caller sees anything private. */
  readonly hasPrivate: boolean;
  /** Whether it is a page after the first. */
  readonly isContinued: boolean;
}

/** What a statement takes; each takes only some. */
export interface SearchValues {
  readonly names: string | null;
  readonly head: string | null;
  /** As `names`, without any filter: what a match is compared with. */
  readonly headNames: string | null;
  readonly anywhere: string | null;
  /** As `anywhere`, without the word that may be a beginning. */
  readonly others: string | null;
  readonly exactName: string;
  readonly exactNamespace: string | null;
  readonly filter: string | null;
  /** As `names`, `anywhere` and `filter`, of what of the private catalogue the caller may see. */
  readonly privateNames: string | null;
  readonly privateAnywhere: string | null;
  readonly privateFilter: string | null;
  readonly text: string;
  readonly words: number;
  readonly limit: number;
  /** Where the page begins: after this key and id. */
  readonly afterKey: string | null;
  readonly afterId: string | null;
}

/** What pages are ordered by, as a column of the entry; highest first, but for names. */
export const ORDERS = {
  relevance: { key: 'quality', type: 'float8', direction: 'desc', beyond: '<' },
  downloads: { key: 'downloads', type: 'int8', direction: 'desc', beyond: '<' },
  recent: { key: 'published_at', type: 'timestamptz', direction: 'desc', beyond: '<' },
  name: { key: `(name || ' ' || namespace)`, type: 'text', direction: 'asc', beyond: '>' },
} as const satisfies Record<SearchSort, object>;
