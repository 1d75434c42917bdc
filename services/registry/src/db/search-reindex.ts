import { sql } from 'kysely';
import type { VersionFacts } from '../domain/publish/facts.js';
import type { Db } from './connection.js';
import { refreshWorkflows } from './search-refresh.js';
import { vectorText } from './search-vector.js';

interface BehindRow {
  readonly id: number;
  readonly namespace: string;
  readonly name: string;
  readonly summary: VersionFacts;
  readonly readme: string | null;
}

/**
 * Makes the terms of versions again that were stored before terms were made as they are now, at most `limit` of them, and
 * shows their workflows. Answers how many there were. The logs wait meanwhile, so that none of them shows anything by
 * what is being replaced.
 */
export async function reindexVersions(db: Db, limit: number): Promise<number> {
  const { rows: behind } = await sql<BehindRow>`
    select v.id, n.name as namespace, w.name, v.summary, v.readme
    from versions v join workflows w on w.id = v.workflow_id join namespaces n on n.id = w.namespace_id
    where v.search_format = 0 order by v.id limit ${limit}`.execute(db);
  if (behind.length === 0) return 0;
  const ids = behind.map(({ id }) => id);
  const vectors = behind.map((row) =>
    vectorText({ ...row, facts: row.summary, readme: row.readme ?? undefined }),
  );
  await db.transaction().execute(async (trx) => {
    await sql`select from log_state order by realm for update`.execute(trx);
    await sql`
      update versions v set search = x.search::tsvector, search_format = 1
      from unnest(${ids}::bigint[], ${vectors}::text[]) as x(id, search) where v.id = x.id`.execute(trx);
    await refreshWorkflows(trx, ids);
  });
  return behind.length;
}
