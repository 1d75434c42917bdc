import {
  isStateLeaf,
  publicKeyFromSpki,
  remarksAfter,
  sha256Hex,
  stateAfter,
  type KeyLeaf,
  type PublishLeaf,
} from '@sheaf/bundle';
import { sql, type Transaction } from 'kysely';
import { applyChannelMoves } from '../db/channel-queries.js';
import { markRevoked } from '../db/revoked-releases.js';
import type { Database } from '../db/schema.js';
import { vectorText } from '../db/search-vector.js';
import { deriveFacts, findReadme } from '../domain/publish/facts.js';
import { versionSortKey } from '../domain/workflows/sort-key.js';
import type { VerifiedLeaf, VerifiedPart, VerifiedRealm, VerifiedRelease } from './read-archive.js';

type Trx = Transaction<Database>;

/** Which checkpoint covers a version is known when the end of the log is reached. */
const WAITS_FOR_CHECKPOINT = 0;

export interface ImportRows {
  readonly trx: Trx;
  /** Whom rows are by that a mirror cannot know. */
  readonly userId: number;
}

/** Writes what a leaf records, as the sequencer of its registry did. Answers the versions that it touches. */
export async function importLeaf(rows: ImportRows, verified: VerifiedLeaf): Promise<readonly number[]> {
  const { trx, userId } = rows;
  const { leaf, index, realm } = verified;
  const at = new Date(leaf.t * 1000);
  if (verified.kind === 'event') return importKeyEvent(rows, verified.leaf, verified.event, { index, at });
  if (verified.kind === 'release')
    return [await importVersion(trx, { index, at, leaf: verified.leaf, release: verified.release })];
  if (!verified.isIncluded) return [];
  if (leaf.type === 'ns.create') {
    const visibility = realm === 'public' ? 'public' : 'private';
    await sql`
      insert into namespaces (name, created_by, created_at, log_index, realm, visibility)
      values (${leaf.ns}, ${userId}, ${at}, ${index}, ${realm}, ${visibility})`.execute(trx);
  } else if (isStateLeaf(leaf)) {
    const { reason = null, replacement = null } = remarksAfter(leaf);
    const { rows: changed } = await sql<{ id: number }>`
      update versions v set state = ${stateAfter(leaf.type)}, reason = ${reason}, replacement = ${replacement}, state_index = ${index}
      from workflows w join namespaces n on n.id = w.namespace_id
      where v.workflow_id = w.id and n.name = ${leaf.ns} and w.name = ${leaf.name} and v.version = ${leaf.version}
      returning v.id`.execute(trx);
    return changed.map(({ id }) => id);
  } else if (leaf.type === 'channel.set' || leaf.type === 'channel.remove') {
    const version = leaf.type === 'channel.set' ? leaf.version : null;
    const { rows: moved } = await sql<{ id: number }>`
      insert into channel_moves (workflow_id, channel, version_id)
      select w.id, ${leaf.channel}, (select id from versions where workflow_id = w.id and version = ${version})
      from workflows w join namespaces n on n.id = w.namespace_id where n.name = ${leaf.ns} and w.name = ${leaf.name}
      returning id`.execute(trx);
    await applyChannelMoves(
      trx,
      moved.map(({ id }) => ({ subject_id: id, index })),
      at,
    );
  }
  return [];
}

async function importKeyEvent(
  { trx, userId }: ImportRows,
  leaf: KeyLeaf,
  event: Buffer,
  { index, at }: { readonly index: number; readonly at: Date },
): Promise<readonly number[]> {
  const namespace = sql`(select id from namespaces where name = ${leaf.ns})`;
  switch (leaf.type) {
    case 'key.add': {
      const raw = Buffer.from(publicKeyFromSpki(leaf.key).raw);
      await sql`
        insert into keys (namespace_id, key_id, public_key, event, added_by, created_at, log_index, is_recovery)
        values (${namespace}, ${leaf.keyid}, ${raw}, ${event}, ${userId}, ${at}, ${index}, ${leaf.recovery ?? false})`.execute(
        trx,
      );
      return [];
    }
    case 'key.revoke': {
      const { rows } = await sql<{ id: number }>`
        insert into key_revocations (key_id, reason, from_index, event, revoked_by, created_at, log_index)
        select id, ${leaf.reason}, ${leaf.fromIndex ?? null}, ${event}, ${userId}, ${at}, ${index}
        from keys where namespace_id = ${namespace} and key_id = ${leaf.keyid} returning id`.execute(trx);
      return rows[0] === undefined ? [] : markRevoked(trx, rows[0].id);
    }
    case 'ns.policy':
      await sql`
        insert into namespace_policies (namespace_id, threshold, event, set_by, created_at, log_index)
        values (${namespace}, ${leaf.threshold}, ${event}, ${userId}, ${at}, ${index})`.execute(trx);
      return [];
  }
}

async function importVersion(
  trx: Trx,
  {
    index,
    at,
    leaf,
    release: { bundle, statement, envelope },
  }: {
    readonly index: number;
    readonly at: Date;
    readonly leaf: PublishLeaf;
    readonly release: VerifiedRelease;
  },
): Promise<number> {
  const facts = deriveFacts(bundle, statement);
  const readme = findReadme(bundle);
  const search = vectorText({ namespace: leaf.ns, name: leaf.name, facts, readme });
  const bytes = (hex: string) => Buffer.from(hex, 'hex');
  await sql`
    insert into workflows (namespace_id, name, created_at)
    select id, ${leaf.name}, ${at} from namespaces where name = ${leaf.ns}
    on conflict on constraint workflows_name_unique do nothing`.execute(trx);
  const { rows } = await sql<{ id: number }>`
    insert into versions (workflow_id, version, sort_key, is_prerelease, tar_sha256, tar_size, blob_sha256, blob_size,
      envelope, key_ids, summary, readme, search, published_via, created_at, published_at, log_index, checkpoint_size)
    select w.id, ${leaf.version}, ${versionSortKey(leaf.version)}, ${leaf.version.includes('-')}, ${bytes(leaf.tar.sha256)},
      ${leaf.tar.size}, ${bytes(leaf.blob.sha256)}, ${leaf.blob.size}, ${envelope}, ${[...leaf.keyids]}::text[],
      ${JSON.stringify(facts)}::jsonb, ${readme ?? null}, ${search}::tsvector, 'mirror', ${at}, ${at}, ${index},
      ${WAITS_FOR_CHECKPOINT}
    from workflows w join namespaces n on n.id = w.namespace_id where n.name = ${leaf.ns} and w.name = ${leaf.name}
    returning id`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new Error(`${sha256Hex(envelope)} has no workflow`);
  return row.id;
}

/** Leaves, checkpoints and full tiles of an entry bundle; what is there already is the same. */
export async function importPart(
  trx: Trx,
  { realm, start, leaves, checkpoints, tiles }: VerifiedPart,
): Promise<void> {
  await sql`
    insert into log_leaves (realm, index, leaf)
    select ${realm}, * from unnest(${leaves.map((_, i) => start + i)}::bigint[], ${leaves.map((l) => Buffer.from(l))}::bytea[])
    on conflict do nothing`.execute(trx);
  await sql`
    insert into log_checkpoints (realm, size, note)
    select ${realm}, * from unnest(${checkpoints.map(({ size }) => size)}::bigint[], ${checkpoints.map(({ note }) => note)}::text[])
    on conflict do nothing`.execute(trx);
  await importTiles(trx, realm, tiles);
}

export async function importEnd(trx: Trx, end: VerifiedRealm): Promise<void> {
  const { realm, size } = end.realm;
  await importTiles(trx, realm, end.partialTiles);
  const heads = [...end.heads];
  await sql`
    insert into log_heads (realm, namespace, seq, leaf_hash)
    select ${realm}, * from unnest(${heads.map(([ns]) => ns)}::text[], ${heads.map(([, h]) => h.seq)}::bigint[],
      ${heads.map(([, h]) => h.hash)}::text[])
    on conflict (realm, namespace) do update set seq = excluded.seq, leaf_hash = excluded.leaf_hash`.execute(
    trx,
  );
  await sql`
    insert into log_checkpoints (realm, size, note) values (${realm}, ${size}, ${end.note})
    on conflict do nothing`.execute(trx);
  // Receipts are proven against the first checkpoint that covers the version, as where it was published.
  await sql`
    update versions v set checkpoint_size = (
      select min(c.size) from log_checkpoints c where c.realm = ${realm} and c.size > v.log_index)
    from workflows w join namespaces n on n.id = w.namespace_id
    where v.workflow_id = w.id and n.realm = ${realm} and v.checkpoint_size = ${WAITS_FOR_CHECKPOINT}`.execute(
    trx,
  );
  await sql`
    update log_state set size = ${size}, root = ${Buffer.from(end.root)}, last_time = ${end.lastTime}
    where realm = ${realm}`.execute(trx);
  await sql`
    insert into log_copies (realm, size) values (${realm}, ${size})
    on conflict (realm) do update set size = excluded.size`.execute(trx);
  await sql`delete from log_cosignatures where realm = ${realm}`.execute(trx);
  for (const { witness, time, line } of end.cosignatures)
    await sql`
      insert into log_cosignatures (realm, witness, size, time, line)
      values (${realm}, ${witness}, ${size}, ${time}, ${line})`.execute(trx);
}

async function importTiles(trx: Trx, realm: string, tiles: VerifiedPart['tiles']): Promise<void> {
  if (tiles.length === 0) return;
  await sql`
    insert into log_tiles (realm, level, index, hashes)
    select ${realm}, * from unnest(${tiles.map((t) => t.level)}::smallint[], ${tiles.map((t) => t.index)}::bigint[],
      ${tiles.map((t) => Buffer.from(t.hashes))}::bytea[])
    on conflict (realm, level, index) do update set hashes = excluded.hashes`.execute(trx);
}
