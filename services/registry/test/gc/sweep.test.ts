import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bundle } from '@sheaf/bundle';
import { sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  allowReclaimed,
  condemnBlob,
  isBlobSwept,
  markSwept,
  reclaimBlob,
} from '../../src/db/blob-sweep-queries.js';
import type { Database } from '../../src/db/schema.js';
import { recordNaming } from '../../src/domain/publish/reclaim.js';
import { storeTimeMs, SWEEP_PARTS, sweepPart } from '../../src/gc/sweep.js';
import { blobKey } from '../../src/objects/port.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';

let registry: TestRegistry;
let workflowId: number;
let versions = 0;
const never = new AbortController().signal;

beforeAll(async () => {
  registry = await startTestRegistry();
  const { rows } = await sql<{ id: number }>`
    with u as (select min(id) as id from users),
      n as (insert into namespaces (name, created_by) select 'acme', id from u returning id)
    insert into workflows (namespace_id, name) select id, 'deploy' from n returning id`.execute(registry.db);
  workflowId = rows[0]?.id ?? 0;
});
afterAll(() => registry.close());

function blobOf(n: number) {
  const bytes = Buffer.from(`blob ${n}`);
  const digest = createHash('sha256').update(bytes).digest();
  return { bytes, digest, key: blobKey(`sha256:${digest.toString('hex')}`) };
}

async function sweepAll(options: { graceMs: number; isDryRun?: boolean }) {
  const deps = {
    db: registry.db,
    objects: registry.deps.objects,
    now: Date.now,
    elapsedMs: () => performance.now(),
  };
  const storeNowMs = await storeTimeMs(deps.objects);
  const totals = { orphans: 0, removed: 0, kept: 0 };
  for (let part = 0; part < SWEEP_PARTS; part += 1) {
    const result = await sweepPart(deps, part, { isDryRun: false, ...options, storeNowMs, signal: never });
    totals.orphans += result.orphans;
    totals.removed += result.removed;
    totals.kept += result.kept;
  }
  return totals;
}

/** Puts a blob and a version that names it, as a publish does until it succeeds; answers the version's id. */
async function record(n: number, afterPut: () => Promise<void> = () => Promise.resolve()): Promise<number> {
  const { bytes, digest, key } = blobOf(n);
  const { db, objects } = registry.deps;
  const bundle = { digest: `sha256:${digest.toString('hex')}`, sizeBytes: bytes.length } as Bundle;
  for (;;) {
    try {
      await objects.putIfAbsent(key, bytes);
      await afterPut();
      return await recordNaming(registry.deps, [{ bundle, blob: bytes }], (reclaimed) =>
        db.transaction().execute(async (trx) => {
          if (reclaimed.length > 0) await allowReclaimed(trx, reclaimed);
          return insertVersion(trx, digest);
        }),
      );
    } catch (error) {
      // A sweep without any grace may come in between again and again.
      if (!isBlobSwept(error) && (error as { code?: unknown }).code !== 'service.busy') throw error;
    }
  }
}

async function insertVersion(trx: Transaction<Database>, digest: Buffer): Promise<number> {
  versions += 1;
  const { rows } = await sql<{ id: number }>`
    insert into versions (workflow_id, version, sort_key, is_prerelease, tar_sha256, tar_size, blob_sha256,
      blob_size, envelope, key_ids, summary, search, published_by, published_via)
    select ${workflowId}, ${`1.0.${versions}`}, ${String(versions)}, false, ${digest}, 1, ${digest}, 1, ''::bytea,
      '{}', '{}', ''::tsvector, min(id), 'token' from users returning id`.execute(trx);
  return rows[0]?.id ?? 0;
}

async function forget(id: number): Promise<void> {
  await sql`delete from versions where id = ${id}`.execute(registry.db);
}

it('removes what nothing names and is old enough, and leaves everything else', async () => {
  const { objects } = registry.deps;
  const [named, orphan] = [blobOf(1), blobOf(2)];
  await record(1);
  await objects.putIfAbsent(orphan.key, orphan.bytes);
  await objects.putIfAbsent('b/sha256/00/not-a-blob', orphan.bytes);
  expect(await sweepAll({ graceMs: 60_000 })).toMatchObject({ orphans: 0 });
  expect(await sweepAll({ graceMs: 0, isDryRun: true })).toEqual({ orphans: 1, removed: 0, kept: 0 });
  expect(await objects.size(orphan.key)).toBe(orphan.bytes.length);
  expect(await sweepAll({ graceMs: 0 })).toEqual({ orphans: 1, removed: 1, kept: 0 });
  expect(await objects.size(orphan.key)).toBeUndefined();
  expect(await objects.size(named.key)).toBe(named.bytes.length);
  expect(await objects.size('b/sha256/00/not-a-blob')).toBeDefined();
  await objects.delete('b/sha256/00/not-a-blob');
});

it('puts a blob again that was swept after it was found', async () => {
  const { bytes, key } = blobOf(3);
  let puts = 0;
  const id = await record(3, async () => {
    puts += 1;
    if (puts === 1) expect((await sweepAll({ graceMs: 0 })).removed).toBe(1);
  });
  expect(puts).toBe(1);
  expect(await registry.deps.objects.size(key)).toBe(bytes.length);
  await forget(id);
});

it('keeps a blob that is being recorded, and refuses to record one that is being removed', async () => {
  const { digest } = blobOf(5);
  await registry.db.transaction().execute(async (trx) => {
    await insertVersion(trx, digest);
    expect(await condemnBlob(registry.db, digest, 0)).toBeUndefined();
    await sql`delete from versions where tar_sha256 = ${digest}`.execute(trx);
  });
  expect(await condemnBlob(registry.db, digest, 0)).toBe(1);
  const recording = registry.db.transaction().execute((trx) => insertVersion(trx, digest));
  await expect(recording).rejects.toSatisfy(isBlobSwept);
  await markSwept(registry.db, digest, 1);
});

it('does not take the generation of another for the proof that its own blob is there', async () => {
  const { digest } = blobOf(6);
  for (const generation of [1, 2]) {
    expect(await condemnBlob(registry.db, digest, 0)).toBe(generation);
    await markSwept(registry.db, digest, generation);
    expect(await reclaimBlob(registry.db, digest)).toMatchObject({ generation });
  }
  const recordUnder = (generation: number) =>
    registry.db.transaction().execute(async (trx) => {
      await allowReclaimed(trx, [{ tarSha256: digest, generation }]);
      return insertVersion(trx, digest);
    });
  await expect(recordUnder(1)).rejects.toSatisfy(isBlobSwept);
  await forget(await recordUnder(2));
});

it('does not sweep what is reclaimed within the grace time, and forgets no generation', async () => {
  const { digest } = blobOf(4);
  const first = await condemnBlob(registry.db, digest, 0);
  expect(first).toBe(1);
  expect(await condemnBlob(registry.db, digest, 0)).toBeUndefined();
  await markSwept(registry.db, digest, 7);
  expect(await condemnBlob(registry.db, digest, 0)).toBeUndefined();
  await markSwept(registry.db, digest, 1);
  const id = await record(4);
  await forget(id);
  expect(await condemnBlob(registry.db, digest, 60_000)).toBeUndefined();
  expect(await condemnBlob(registry.db, digest, 0)).toBe(2);
  await markSwept(registry.db, digest, 2);
});

it('never takes a blob that was recorded, while many record and forget the same ones', async () => {
  const { objects } = registry.deps;
  let recorded = 0;
  let missing = 0;
  let removed = 0;
  const isEnough = () => missing > 0 || (recorded > 400 && removed > 80);
  const publish = async (seed: number) => {
    for (let i = seed; !isEnough(); i += 7) {
      const n = 100 + (i % 12);
      const id = await record(n);
      recorded += 1;
      if ((await objects.size(blobOf(n).key)) === undefined) missing += 1;
      await forget(id);
      if (i % 5 === 0) await sleep(1);
    }
  };
  const sweep = async () => {
    const deps = { db: registry.db, objects, now: Date.now, elapsedMs: () => performance.now() };
    const parts = Array.from({ length: 12 }, (_, i) => blobOf(100 + i).digest[0] ?? 0);
    while (!isEnough())
      for (const part of parts) {
        const storeNowMs = Date.now() + 60_000;
        removed += (await sweepPart(deps, part, { graceMs: 0, isDryRun: false, storeNowMs, signal: never }))
          .removed;
      }
  };
  await Promise.all([...Array.from({ length: 6 }, (_, i) => publish(i)), sweep()]);
  expect(missing).toBe(0);
}, 120_000);
