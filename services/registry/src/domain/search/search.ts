import type { SearchHit, SearchResult } from '@sheaf/client/contract';
import type { Db } from '../../db/connection.js';
import type { Gate } from '../gate.js';
import {
  MAX_CANDIDATES,
  nearWorkflows,
  searchWorkflows,
  type SearchQuery,
  type SearchRow,
} from '../../db/search-queries.js';

const NEAR_LIMIT = 5;

export interface SearchDeps {
  readonly db: Db;
  /** Leaves connections to others when many search at once. */
  readonly searches: Gate;
}

/** One page of hits; when nothing matches the text at all, workflows with names near it. */
export function search({ db, searches }: SearchDeps, query: SearchQuery): Promise<SearchResult> {
  return searches.run(1, () => searchNow(db, query));
}

async function searchNow(db: Db, query: SearchQuery): Promise<SearchResult> {
  const rows = await searchWorkflows(db, query);
  const total = rows[0]?.total ?? 0;
  const near =
    rows.length === 0 && query.offset === 0 && query.text !== ''
      ? await nearWorkflows(db, query, NEAR_LIMIT)
      : [];
  const end = query.offset + rows.length;
  return {
    total,
    totalIsExact: total < MAX_CANDIDATES,
    hits: rows.map(toHit),
    near: near.map(toHit),
    ...(end < total && { nextCursor: encodeCursor(end) }),
  };
}

/** A cursor is opaque to callers; it holds where the next page begins. */
export function encodeCursor(offset: number): string {
  return Buffer.from(`o${offset}`).toString('base64url');
}

/** Where a cursor points; undefined for one that we did not make. */
export function decodeCursor(cursor: string): number | undefined {
  const match = /^o(\d{1,4})$/.exec(Buffer.from(cursor, 'base64url').toString());
  return match ? Number(match[1]) : undefined;
}

function toHit(row: SearchRow): SearchHit {
  const { summary } = row;
  return {
    id: `${row.namespace}/${row.name}`,
    version: row.version,
    ...(summary.description !== undefined && { description: summary.description }),
    tags: [...summary.tags],
    ...(summary.license !== undefined && { license: summary.license }),
    state: row.state,
    permissionKinds: Object.entries(summary.permissions).flatMap(
      ([kind, values]: [string, readonly string[]]) => (values.length > 0 ? [kind] : []),
    ),
    publishedAt: row.published_at.toISOString(),
    downloads: 0,
  };
}
