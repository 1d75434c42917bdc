import { sql, type Transaction } from 'kysely';
import type { Db } from '../../src/db/connection.js';
import type { Database } from '../../src/db/schema.js';
import { refreshWorkflows } from '../../src/db/search-refresh.js';
import { vectorText } from '../../src/db/search-vector.js';
import { rankEntries } from '../../src/domain/search/jobs.js';
import { versionSortKey } from '../../src/domain/workflows/sort-key.js';
import type { CorpusEntry } from './corpus.js';

const BATCH = 500;
const DAY_MS = 86_400_000;

/**
 * Stores the corpus as publishing stores it, log included in so far as search looks at it, and ranks it. The large indexes
 * are made at the end, as a restore does it: the same ones, in a fraction of the time.
 */
export async function loadCorpus(db: Db, entries: readonly CorpusEntry[], now: number): Promise<void> {
  await sql`insert into users (name) values ('corpus') on conflict do nothing`.execute(db);
  const indexes = await sql<{ name: string; definition: string }>`
    select indexname as name, indexdef as definition from pg_indexes
    where tablename = 'search_entries' and indexdef ilike '%using gin%'`.execute(db);
  for (const { name } of indexes.rows) await sql`drop index ${sql.id(name)}`.execute(db);
  for (let at = 0; at < entries.length; at += BATCH) {
    const batch = entries.slice(at, at + BATCH);
    await db.transaction().execute(async (trx) => {
      await refreshWorkflows(trx, await storeBatch(trx, batch, now));
    });
  }
  while (await rankEntries(db));
  for (const { definition } of indexes.rows) await sql.raw(definition).execute(db);
  await sql`vacuum analyze search_entries`.execute(db);
}

async function storeBatch(trx: Transaction<Database>, batch: readonly CorpusEntry[], now: number) {
  const namespaces = [...new Map(batch.map((each) => [each.namespace, each.visibility])).entries()];
  await sql`
    insert into namespaces (name, visibility, realm, created_by, log_index)
    select x.name, x.visibility, case x.visibility when 'public' then 'public' else x.name end, u.id, 0
    from users u, unnest(${namespaces.map(([name]) => name)}::text[], ${namespaces.map(([, v]) => v)}::text[]) as x(name, visibility)
    where u.name = 'corpus' on conflict do nothing`.execute(trx);
  await sql`
    insert into workflows (namespace_id, name)
    select n.id, x.name from unnest(${batch.map((e) => e.namespace)}::text[], ${batch.map((e) => e.name)}::text[]) as x(namespace, name)
    join namespaces n on n.name = x.namespace on conflict do nothing`.execute(trx);
  const rows = batch.flatMap((entry) => {
    const search = vectorText(entry);
    return entry.versions.map((version, i) => ({
      namespace: entry.namespace,
      name: entry.name,
      version,
      sort_key: versionSortKey(version),
      // Yanking all of them hides the workflow; anything else is about the newest.
      state: entry.state === 'deprecated' && i < entry.versions.length - 1 ? 'yanked' : entry.state,
      summary: entry.facts,
      readme: entry.readme ?? null,
      search,
      published_at: new Date(now - (entry.ageDays + entry.versions.length - i) * DAY_MS).toISOString(),
    }));
  });
  const { rows: stored } = await sql<{ id: number }>`
    insert into versions (workflow_id, version, sort_key, is_prerelease, state, tar_sha256, tar_size, blob_sha256, blob_size,
      envelope, key_ids, summary, readme, search, published_by, published_via, published_at, log_index, checkpoint_size)
    select w.id, x.version, x.sort_key, false, x.state, sha256(convert_to(x.namespace || x.name || x.version, 'UTF8')), 10240,
      sha256('x'), 2048, '', '{}', x.summary, x.readme, x.search::tsvector, u.id, 'token', x.published_at, 0, 1
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as x(namespace text, name text, version text, sort_key text, state text,
        summary jsonb, readme text, search text, published_at timestamptz)
      join namespaces n on n.name = x.namespace join workflows w on w.namespace_id = n.id and w.name = x.name, users u
    where u.name = 'corpus'
    returning id`.execute(trx);
  await sql`
    insert into workflow_downloads (workflow_id, total)
    select w.id, x.total from unnest(${batch.map((e) => e.namespace)}::text[], ${batch.map((e) => e.name)}::text[],
      ${batch.map((e) => e.downloads)}::bigint[]) as x(namespace, name, total)
    join namespaces n on n.name = x.namespace join workflows w on w.namespace_id = n.id and w.name = x.name
    where x.total > 0 on conflict do nothing`.execute(trx);
  return stored.map(({ id }) => id);
}
