import type { SearchHit, SearchResult } from '@sheaf/client/contract';
import type { SearchDatabase } from '../../db/search-database.js';
import { findEntries, type EntryCard, type FoundEntry } from '../../db/search-queries.js';
import { MAX_CANDIDATES, type SearchValues } from '../../db/search-shape.js';
import type { Gate } from '../gate.js';
import type { CommonWords } from './common-words.js';
import { decodeCursor, encodeCursor, type SearchCursor } from './cursor.js';
import { createMarker, type Marker } from './highlight.js';
import { countFacets } from './facets.js';
import { findNear } from './near.js';
import { findText } from './find-text.js';
import { filterQuery, privateQuery, textQuery, type SearchQuery, type TextQuery } from './query.js';
import { all, type TermQuery } from './term-query.js';

const NEAR_LIMIT = 5;

export interface SearchDeps {
  readonly searchDb: SearchDatabase;
  /** Bounds how many search at once, and how many wait. */
  readonly searches: Gate;
  readonly commonWords: CommonWords;
  readonly metrics: { search(ms: number, candidates: number): void };
}

/**
 * One page of hits with facets; when nothing matches the text at all, what is near it.
 *
 * What follows a page is found by the place behind its last hit: what is published, changed or hidden between two pages
 * moves nothing else. A workflow whose own place changes meanwhile may be missed or come twice.
 *
 * @throws RegistryError `request.invalid` for a cursor of another search, `service.busy`
 */
export function search(deps: SearchDeps, query: SearchQuery): Promise<SearchResult> {
  const cursor = query.cursor === undefined ? undefined : decodeCursor(query, query.cursor);
  return deps.searches.run(1, async () => {
    const started = performance.now();
    const { result, candidates } = await searchNow(deps, query, cursor);
    deps.metrics.search(performance.now() - started, candidates);
    return result;
  });
}

async function searchNow(
  { searchDb, commonWords }: Pick<SearchDeps, 'searchDb' | 'commonWords'>,
  query: SearchQuery,
  cursor: SearchCursor | undefined,
) {
  const asked = textQuery(query.text);
  const filter = filterQuery(query);
  const readable = privateQuery(query.readable);
  const privateFilter = readable && both(readable, filter);
  const shape = {
    sort: query.sort,
    hasPrivate: readable !== undefined,
    isContinued: cursor !== undefined,
  };
  const values = valuesOf(query, asked, filter, privateFilter, cursor);
  const found = asked
    ? await findText({ searchDb, commonWords }, asked, shape, values)
    : await findEntries(searchDb, { kind: filter ? 'filter' : 'browse', ...shape }, values);
  const hits = found.entries.slice(0, query.limit);
  const last = found.entries.length > query.limit ? hits.at(-1) : undefined;
  const total = cursor?.total ?? found.total;
  const totalIsExact = cursor?.isExact ?? found.total < MAX_CANDIDATES;
  const isNothing = asked !== undefined && found.total === 0 && cursor === undefined;
  const near = isNothing ? await findNear(searchDb, asked, { filter, privateFilter }, NEAR_LIMIT) : [];
  const marker = asked && createMarker(asked);
  const result: SearchResult = {
    total,
    totalIsExact,
    hits: hits.map((entry) => toHit(entry, marker)),
    near: near.map(({ card, downloads }) => hitOf(card(), downloads)),
    ...(cursor === undefined && { facets: countFacets(found.facets ?? '') }),
    ...(last && {
      nextCursor: encodeCursor(query, { key: last.key, id: last.id, total, isExact: totalIsExact }),
    }),
  };
  return { result, candidates: found.total };
}

function valuesOf(
  query: SearchQuery,
  asked: TextQuery | undefined,
  filter: TermQuery | undefined,
  privateFilter: TermQuery | undefined,
  cursor: SearchCursor | undefined,
): SearchValues {
  const ofPrivate = (terms: TermQuery | undefined) =>
    terms && privateFilter ? all([terms, privateFilter]) : null;
  return {
    names: (asked?.names && both(asked.names, filter)) ?? null,
    head: asked?.head ?? null,
    headNames: asked?.names ?? null,
    anywhere: (asked?.anywhere && both(asked.anywhere, filter)) ?? null,
    others: (asked?.others && both(asked.others.terms, filter)) ?? null,
    exactName: asked?.exact?.name ?? '',
    exactNamespace: asked?.exact?.namespace ?? null,
    filter: filter ?? null,
    privateNames: ofPrivate(asked?.names),
    privateAnywhere: ofPrivate(asked?.anywhere),
    privateFilter: privateFilter ?? null,
    text: asked?.exact?.name ?? ' ',
    words: asked?.words.length ?? 0,
    limit: query.limit + 1,
    afterKey: cursor?.key ?? null,
    afterId: cursor === undefined ? null : String(cursor.id),
  };
}

function both(terms: TermQuery, filter: TermQuery | undefined): TermQuery {
  return filter === undefined ? terms : all([terms, filter]);
}

function toHit({ card, downloads, isExact }: FoundEntry, marker: Marker | undefined): SearchHit {
  return {
    ...hitOf(card, downloads),
    ...(isExact && { exactName: true }),
    ...(marker && highlightsOf(card, marker)),
  };
}

function hitOf(card: EntryCard, downloads: number): SearchHit {
  return { ...card, tags: [...card.tags], permissionKinds: [...card.permissionKinds], downloads };
}

function highlightsOf(
  { id, title, description, tags }: EntryCard,
  marker: Marker,
): Pick<SearchHit, 'highlights'> {
  const marked = {
    id: marker.mark(id),
    title: title === undefined ? undefined : marker.mark(title),
    description: description === undefined ? undefined : marker.mark(description),
  };
  const matched = tags.filter((tag) => marker.mark(tag) !== undefined);
  const highlights = {
    ...(marked.id && { id: marked.id }),
    ...(marked.title && { title: marked.title }),
    ...(marked.description && { description: marked.description }),
    ...(matched.length > 0 && { tags: matched }),
  };
  return Object.keys(highlights).length === 0 ? {} : { highlights };
}
