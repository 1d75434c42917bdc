import { sql, type RawBuilder } from 'kysely';
import type { VersionState } from '@sheaf/client/contract';
import type { VersionFacts } from '../domain/publish/facts.js';
import type { ReadablePrivate } from '../domain/access/reading.js';
import type { Db } from './connection.js';
import { isVisible } from './visible.js';

/** What a search asks for. Text is at most 200 characters; the caller has checked it. */
export interface SearchQuery {
  readonly text: string;
  readonly tags: readonly string[];
  readonly owner?: string;
  readonly license?: string;
  readonly permission?: string;
  readonly limit: number;
  readonly offset: number;
  /** What the caller finds beside public namespaces. */
  readonly readable: ReadablePrivate;
}

export interface SearchRow {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly state: VersionState;
  readonly summary: VersionFacts;
  readonly published_at: Date;
  readonly total: number;
}

/** At most so many of the matches are ranked, so that a query for a common word costs no more than one for a rare one. */
export const MAX_CANDIDATES = 1000;
const MIN_SIMILARITY = 0.15;

const HIT = sql`n.name as namespace, w.name, v.version, v.state, v.summary, v.published_at`;
const SOURCE = sql`
  workflows w join namespaces n on n.id = w.namespace_id join versions v on v.id = w.latest_version_id`;

/**
 * Workflows that match every word (the last one also as a prefix) and every filter; the exact name comes first. Cut
 * off after two seconds.
 */
export function searchWorkflows(db: Db, query: SearchQuery): Promise<readonly SearchRow[]> {
  const words = wordsOf(query.text);
  const exact = query.text.trim().toLowerCase();
  // Two sets, each found by its own index; an "or" between them would be found by none.
  const matching =
    words.length === 0
      ? sql`select id from workflows where latest_version_id is not null`
      : sql`select id from workflows where search @@ ${tsQuery(words)}
          union select w.id from workflows w join namespaces n on n.id = w.namespace_id
          where w.name = ${exact.slice(exact.indexOf('/') + 1)} and ${isExactName(exact)}`;
  const rank =
    words.length === 0
      ? sql`0::real`
      : sql`case when ${isExactName(exact)} then 10 else 0 end
          + ts_rank(w.search, ${tsQuery(words)}) * case when v.state = 'deprecated' then 0.5 else 1 end`;
  return withinTime(
    db,
    sql<SearchRow>`
    with matching as (${matching}), candidates as materialized (
      select w.id, ${rank} as rank
      from matching m join workflows w on w.id = m.id
        join namespaces n on n.id = w.namespace_id join versions v on v.id = w.latest_version_id
      where ${filters(query)}
      limit ${MAX_CANDIDATES}
    )
    select ${HIT}, (select count(*) from candidates) as total
    from candidates c join workflows w on w.id = c.id
      join namespaces n on n.id = w.namespace_id join versions v on v.id = w.latest_version_id
    order by c.rank desc, v.state, v.published_at desc, w.id
    limit ${query.limit} offset ${query.offset}`,
  );
}

/** Workflows whose names are spelled nearly like the text: for a search that found nothing. */
export function nearWorkflows(
  db: Db,
  { text, readable }: Pick<SearchQuery, 'text' | 'readable'>,
  limit: number,
): Promise<readonly SearchRow[]> {
  const name = text.slice(text.indexOf('/') + 1).slice(0, 64);
  return withinTime(
    db,
    sql<SearchRow>`
    select ${HIT}, 0 as total from ${SOURCE}
    where similarity(w.name, ${name}) >= ${MIN_SIMILARITY} and ${isVisible(readable)}
    order by similarity(w.name, ${name}) desc, w.name
    limit ${limit}`,
  );
}

/** Runs a query that anybody may ask for, within two seconds. */
function withinTime(db: Db, query: RawBuilder<SearchRow>): Promise<readonly SearchRow[]> {
  return db.transaction().execute(async (trx) => {
    await sql`set local statement_timeout = 2000`.execute(trx);
    return (await query.execute(trx)).rows;
  });
}

function wordsOf(text: string): readonly string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu)
      ?.slice(0, 16) ?? []
  );
}

/** Built from plain words only, so that no operator of the query language can come from outside. */
function tsQuery(words: readonly string[]): RawBuilder<unknown> {
  const each = words.map((word, i) => {
    const term = i === words.length - 1 ? `${word}:*` : word;
    return sql`(to_tsquery('english', ${term}) || to_tsquery('simple', ${term}))`;
  });
  return sql`(${sql.join(each, sql` && `)})`;
}

function isExactName(exact: string): RawBuilder<unknown> {
  return sql`(w.name = ${exact} or n.name || '/' || w.name = ${exact})`;
}

function filters(query: SearchQuery): RawBuilder<unknown> {
  const conditions = [
    isVisible(query.readable),
    ...query.tags.map(
      (tag) => sql`exists (select from workflow_tags t where t.workflow_id = w.id and t.tag = ${tag})`,
    ),
    ...(query.owner === undefined ? [] : [sql`n.name = ${query.owner}`]),
    ...(query.license === undefined ? [] : [sql`v.summary->>'license' = ${query.license}`]),
    ...(query.permission === undefined
      ? []
      : [
          sql`jsonb_array_length(coalesce(v.summary->'permissions'->${query.permission}::text, '[]'::jsonb)) > 0`,
        ]),
  ];
  return sql.join(conditions, sql` and `);
}
