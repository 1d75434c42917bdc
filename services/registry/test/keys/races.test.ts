import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SigningKey } from '@sheaf/bundle';
import { holdKeys, lockKeys } from '../../src/db/key-queries.js';
import type { FailpointName } from '../../src/domain/failpoint.js';
import { openBench, said, type KeyBench } from '../support/keys.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { buildUpload, call, send } from '../support/upload.js';

/** What happens when the registry gets somewhere; each test sets its own. */
let reached: (name: FailpointName) => Promise<void>;
let registry: TestRegistry;
let bench: KeyBench;
let old: SigningKey;
let other: SigningKey;

beforeEach(async () => {
  reached = () => Promise.resolve();
  registry = await startTestRegistry({ failpoint: (name) => reached(name) });
  const opened = await openBench(registry, 'acme', 2);
  const [first, second] = opened.keys;
  if (!first || !second) throw new Error('there are not two keys');
  ({ bench } = opened);
  old = first;
  other = second;
});
afterEach(() => registry.close());

const publish = async () => send(registry, await buildUpload(registry, {}, old));
const revokeOld = () => bench.revoke(old.publicKey.id, [other]);
const stored = () => registry.db.selectFrom('versions').select('id').execute();

async function leafTypes(): Promise<readonly string[]> {
  const rows = await registry.db.selectFrom('log_leaves').select('leaf').orderBy('index').execute();
  return rows.map((r) => (JSON.parse(r.leaf.toString()) as { type: string }).type);
}

test('a key that is revoked after its publish was verified publishes nothing', async () => {
  reached = async (name) => {
    if (name === 'publish.after_blob') expect(said(await revokeOld())).toBe('201 ok');
  };
  expect(said(await publish())).toBe('403 key.revoked');
  expect(await stored()).toEqual([]);
  expect(await leafTypes()).not.toContain('publish');
});

test('a policy that comes into force after a publish was verified holds for it', async () => {
  reached = async (name) => {
    if (name === 'publish.after_blob') expect(said(await bench.policy(2, [old, other]))).toBe('201 ok');
  };
  expect(said(await publish())).toBe('403 key.threshold');
  expect(await stored()).toEqual([]);
});

test('a revocation waits for a publish whose transaction has begun, and comes after it in the log', async () => {
  const order: string[] = [];
  const note = (name: string) => () => order.push(name);
  const both = await registry.db.transaction().execute(async (trx) => {
    // A publish writes to this table after it has taken hold of the keys; a revocation does not write to it.
    await sql`lock table workflows in share mode`.execute(trx);
    const publishing = publish();
    void publishing.then(note('publish'));
    await untilWaiting(1);
    const revoking = revokeOld();
    void revoking.then(note('revoke'));
    // It waits for its turn at the log, which the publish has: in this process, so no statement of the database shows it.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(order).toEqual([]);
    return [publishing, revoking];
  });
  expect((await Promise.all(both)).map(said)).toEqual(['201 ok', '201 ok']);
  expect((await leafTypes()).slice(-2)).toEqual(['publish', 'key.revoke']);
  expect(said(await call(registry, '/v1/workflows/acme/deploy/1.0.0/receipt'))).toBe('200 ok');
});

test('publishing without a pause does not keep a revocation waiting', async () => {
  const { id } = await registry.db.selectFrom('namespaces').select('id').executeTakeFirstOrThrow();
  const order: string[] = [];
  const inTurn = (name: string, take: typeof holdKeys) =>
    registry.db.transaction().execute(async (trx) => {
      await take(trx, id);
      order.push(name);
    });
  const later = await registry.db.transaction().execute(async (trx) => {
    await holdKeys(trx, id);
    const revoking = inTurn('revoke', lockKeys);
    await untilWaiting(1);
    const publishing = inTurn('publish', holdKeys);
    await untilWaiting(2);
    return [revoking, publishing];
  });
  await Promise.all(later);
  expect(order).toEqual(['revoke', 'publish']);
});

test('a publish that could not be placed before the revocation of its key is withdrawn', async () => {
  let failures = 12;
  reached = async (name) => {
    if (name !== 'sequencer.before_append' || failures === 0) return;
    failures -= 1;
    await Promise.reject(new Error('the batch cannot be placed'));
  };
  // It cannot be placed by its own transaction, so it is queued. Batches of 500, 63, 8 and 1 fail: it goes to the end.
  expect(said(await publish())).toBe('503 service.log_lagging');
  expect(await stored()).toHaveLength(1);
  // So they do when the revocation has the log place what waits, before it decides. Then those of 500, 63 and 8 fail: the
  // revocation, which failed less often, is placed alone.
  expect(said(await revokeOld())).toBe('201 ok');
  expect(failures).toBe(0);
  expect(await stored()).toEqual([]);
  expect((await leafTypes()).at(-1)).toBe('key.revoke');
  expect(await registry.db.selectFrom('log_queue').selectAll().execute()).toEqual([]);
  reached = () => Promise.resolve();
  expect(said(await publish())).toBe('403 key.revoked');
  const renewed = await send(registry, await buildUpload(registry, {}, other));
  expect(said(renewed)).toBe('201 ok');
});

/** Until so many statements of this database wait for a lock. */
async function untilWaiting(count: number): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const { rows } = await sql<{ n: number }>`
      select count(*) as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(registry.db);
    if ((rows[0]?.n ?? 0) >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`fewer than ${count} statements wait for a lock`);
}
