import { SEARCH_SORTS, SEARCH_STATES, type SearchSort, type SearchState } from '@sheaf/client/contract';
import { PERMISSION_KINDS } from '@sheaf/workflow';
import { pages } from '../../paths.js';

type PermissionKind = (typeof PERMISSION_KINDS)[number];

/** What a search page was asked for. */
export interface AskedSearch {
  readonly q: string;
  readonly tags: readonly string[];
  readonly owner: string | undefined;
  readonly license: string | undefined;
  readonly permission: PermissionKind | undefined;
  readonly state: SearchState | undefined;
  readonly sort: SearchSort;
  readonly cursor: string | undefined;
}

const MAX_TEXT = 200;
const MAX_TAGS = 10;
const MAX_CURSOR = 512;
/** Controls, and what turns the direction of text around: the text of a search is shown again. */
const UNSEEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const TAG = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** Nothing but a text and tags. */
export function searchFor({ q = '', tags = [] }: Partial<Pick<AskedSearch, 'q' | 'tags'>>): AskedSearch {
  return {
    q,
    tags,
    owner: undefined,
    license: undefined,
    permission: undefined,
    state: undefined,
    sort: 'relevance',
    cursor: undefined,
  };
}

/** Reads the query of an address. What it cannot mean is left out: people edit addresses, and links to pages grow parameters. */
export function readAsked(querystring: string): AskedSearch {
  const query = new URLSearchParams(querystring);
  const text = (name: string, maxLength = MAX_TEXT) =>
    query.get(name)?.replace(UNSEEN, '').slice(0, maxLength);
  const owner = text('owner')?.toLowerCase();
  const license = text('license')?.trim();
  return {
    q: (text('q') ?? '').toWellFormed().trim(),
    tags: [...new Set(query.getAll('tag').map((tag) => tag.trim().toLowerCase()))]
      .filter((tag) => TAG.test(tag))
      .slice(0, MAX_TAGS)
      .sort(),
    owner: owner !== undefined && NAME.test(owner) ? owner : undefined,
    license: orNone(license?.toWellFormed()),
    permission: PERMISSION_KINDS.find((kind) => kind === query.get('permission')),
    state: SEARCH_STATES.find((state) => state === query.get('state')),
    sort: SEARCH_SORTS.find((sort) => sort === query.get('sort')) ?? 'relevance',
    cursor: orNone(text('cursor', MAX_CURSOR)?.toWellFormed()),
  };
}

function orNone(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** Whether a word is one that a tag can be. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** The one address of a search. */
export function addressOf({ q, tags, owner, license, permission, state, sort, cursor }: AskedSearch): string {
  const order = sort === 'relevance' ? undefined : sort;
  return pages.search({ q, tag: [...tags].sort(), owner, license, permission, state, sort: order, cursor });
}

/** The same search narrowed, widened or ordered otherwise, from its first page on. */
export function changed(asked: AskedSearch, change: Partial<AskedSearch>): AskedSearch {
  return { ...asked, cursor: undefined, ...change };
}
