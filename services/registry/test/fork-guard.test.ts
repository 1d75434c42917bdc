import { generateSigningKey, signNote } from '@sheaf/bundle';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { connectDatabase, type Db } from '../src/db/connection.js';
import { findNewestNote } from '../src/db/cosignature-queries.js';
import { findCheckpoint } from '../src/db/log-queries.js';
import { noFailpoint } from '../src/domain/failpoint.js';
import { createLogs, type LogReport } from '../src/domain/log/logs.js';
import type { ObjectStore } from '../src/objects/port.js';
import { openRegister } from '../src/domain/log/register.js';
import { failingStore } from './support/failing-store.js';
import { noting } from './support/log-reports.js';
import { queueLeaf } from './support/queue-leaf.js';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import { call, callJson, countStored, keyEvent, openNamespace, publish, sendKey } from './support/upload.js';

describe('a log', () => {
  let registry: TestRegistry;
  let admin: Db;
  let name: string;
  /** Whether no checkpoint of the registry can be copied. */
  let isFull: boolean;
  const reports: LogReport[] = [];

  beforeEach(async () => {
    isFull = false;
    registry = await startTestRegistry({}, () => ({
      objects: failingStore(
        () => registry.deps.objects,
        () => isFull,
      ),
    }));
    reports.length = 0;
    const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(registry.db);
    name = rows[0]?.name ?? '';
    const url = inject('databaseUrl').replace(/\/template$/, '/postgres');
    admin = connectDatabase({ url, maxConnections: 1, onConnectionError: () => undefined });
    await openNamespace(registry);
    expect((await publish(registry, { version: '1.0.0' })).status).toBe(201);
  });
  afterEach(async () => {
    for (const suffix of ['_old', '_new'])
      await sql`drop database if exists ${sql.id(name + suffix)} with (force)`.execute(admin);
    await admin.destroy();
    await registry.close();
  });

  const cut = () =>
    sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`.execute(admin);
  async function copyDatabase(): Promise<void> {
    await retrying(async () => {
      await cut();
      await sql`create database ${sql.id(`${name}_old`)} template ${sql.id(name)}`.execute(admin);
    });
  }
  async function swapDatabase(from: string, to: string): Promise<void> {
    await retrying(async () => {
      await cut();
      await sql`alter database ${sql.id(name)} rename to ${sql.id(name + to)}`.execute(admin);
    });
    await sql`alter database ${sql.id(name + from)} rename to ${sql.id(name)}`.execute(admin);
  }
  /** Until the pool has noticed that its connections are gone. */
  const settled = () => retrying(() => sql`select 1`.execute(registry.db));
  const copies = (objects: ObjectStore = registry.deps.objects) =>
    openRegister(objects, 'checkpoints/public');
  const copiedSize = async () => {
    const latest = await copies().latest();
    return Number(
      Buffer.from(latest?.bytes ?? [])
        .toString()
        .split('\n')[1],
    );
  };
  const logsOn = (objects: ObjectStore, db: Db = registry.db) =>
    createLogs({
      db,
      objects,
      signer: { origin: registry.origin, key: registry.logKey },
      afterAppend: [],
      now: () => Date.now(),
      failpoint: noFailpoint,
      report: noting(reports),
    });
  const frozen = { code: 'log.frozen' };

  test('is frozen when its database fails over to an older copy while the service runs, and thawed afterwards', async () => {
    await copyDatabase();
    await settled();
    expect((await publish(registry, { version: '1.1.0' })).status).toBe(201);
    await swapDatabase('_old', '_new');
    await settled();

    const before = await countStored(registry);
    const writes = [
      await publish(registry, { version: '1.2.0' }),
      await callJson(registry, 'PUT', '/v1/workflows/acme/deploy/1.0.0/yank', { reason: 'old' }),
      await callJson(registry, 'POST', '/v1/namespaces', { name: 'another' }),
      await sendKey(registry, keyEvent(registry, 'acme', [generateSigningKey()])),
    ];
    expect(writes.map((answer) => [answer.status, answer.json['code']])).toEqual(
      writes.map(() => [503, 'log.frozen']),
    );
    expect(writes[0]?.headers.get('retry-after')).toBeNull();
    expect(await countStored(registry)).toEqual(before);
    expect((await call(registry, '/v1/workflows/acme/deploy')).status).toBe(200);

    await swapDatabase('_new', '_old');
    await settled();
    expect((await publish(registry, { version: '1.2.0' })).status).toBe(201);
    expect(await copiedSize()).toBe(5);
  });

  test('of one realm is frozen alone', async () => {
    const foreign = signNote('elsewhere\n9\nAAAA\n', 'elsewhere', generateSigningKey());
    const register = openRegister(registry.deps.objects, 'checkpoints/vault');
    await register.put({ position: 9, bytes: Buffer.from(foreign) });
    const before = await countStored(registry);
    const vault = await callJson(registry, 'POST', '/v1/namespaces', {
      name: 'vault',
      visibility: 'private',
    });
    expect([vault.status, vault.json['code']]).toEqual([503, 'log.frozen']);
    expect(await countStored(registry)).toEqual(before);
    expect((await publish(registry, { version: '1.1.0' })).status).toBe(201);
  });

  test('signs nothing for what was left in the queue of an older database', async () => {
    const ahead = aheadOf(registry, 9);
    await copies().put({ position: 9, bytes: Buffer.from(ahead) });
    await queueLeaf(registry);
    const logs = logsOn(registry.deps.objects);
    for (let i = 0; i < 3; i += 1)
      await expect(logs.get('public').sequencer.settle()).rejects.toMatchObject(frozen);
    await logs.sweep();
    expect(reports.map((r) => r.type)).toEqual(['frozen']);
    expect(await registry.db.selectFrom('log_queue').select('attempts').execute()).toEqual([{ attempts: 0 }]);
  });

  test.each([
    ['signed by another key', (text: string, origin: string) => signNote(text, origin, generateSigningKey())],
    [
      'for another log',
      (text: string) =>
        signNote(text.replace('/public', '/other'), 'wf.example.com/log/other', registry.logKey),
    ],
    [
      'for another log under the name of this one',
      (text: string, origin: string) => signNote(text.replace('/public', '/other'), origin, registry.logKey),
    ],
    [
      'of a larger size than its name says',
      (text: string, origin: string) => signNote(text.replace(/\n\d+\n/, '\n7\n'), origin, registry.logKey),
    ],
    [
      'of an older checkpoint under the name of a newer one',
      (_text: string, _origin: string, older: string) => older,
    ],
    [
      'of the same size with another root',
      (text: string, origin: string) =>
        signNote(text.replace(/\n[^\n]+\n$/, `\n${'A'.repeat(43)}=\n`), origin, registry.logKey),
    ],
    ['that is no note', () => 'what'],
  ])('is frozen by a copy %s', async (_what, spoil) => {
    const latest = await copies().latest();
    const { position = 0, bytes = new Uint8Array() } = latest ?? {};
    const [text = ''] = Buffer.from(bytes).toString().split('\n\n');
    await removeCopies(registry);
    const older = (await findCheckpoint(registry.db, 'public', 2)) ?? '';
    const spoilt = spoil(`${text}\n`, `${registry.origin}/log/public`, older);
    await copies().put({ position, bytes: Buffer.from(spoilt) });
    await queueLeaf(registry);
    const { guard, sequencer } = logsOn(registry.deps.objects).get('public');
    await expect(guard.assertOpen()).rejects.toMatchObject(frozen);
    await expect(sequencer.settle()).rejects.toMatchObject(frozen);
    expect((await copies().latest())?.position).toBe(position);
  });

  test('whose copy is gone goes on, writes it anew and says so once', async () => {
    await removeCopies(registry);
    const logs = logsOn(registry.deps.objects);
    await logs.get('public').guard.assertOpen();
    await queueLeaf(registry);
    await logs.get('public').sequencer.settle();
    expect(reports.map((r) => r.type)).toEqual(['copy_missing']);
    expect(await copiedSize()).toBe(4);
  });

  test('answers no publish whose checkpoint could not be copied, and copies it when asked again', async () => {
    let isBroken = true;
    const objects = failingStore(
      () => registry.deps.objects,
      () => isBroken,
    );
    const { sequencer } = logsOn(objects).get('public');
    await queueLeaf(registry);
    await expect(sequencer.settle()).rejects.toMatchObject({ code: 'object.unavailable' });
    await expect(sequencer.settle()).rejects.toMatchObject({ code: 'object.unavailable' });
    expect(await copiedSize()).toBe(3);
    isBroken = false;
    await sequencer.settle();
    expect(await copiedSize()).toBe(4);
    expect(reports).toEqual([]);
  });

  /** Holds back what is put under `checkpoints/` until so many have come. */
  function together(count: number): ObjectStore {
    let waiting = 0;
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { objects } = registry.deps;
    return {
      ...objects,
      putIfAbsent: async (key, bytes) => {
        waiting += 1;
        if (waiting >= count) open();
        await gate;
        return objects.putIfAbsent(key, bytes);
      },
    };
  }
  async function onCopy<T>(use: (db: Db) => Promise<T>): Promise<T> {
    await copyDatabase();
    await settled();
    const url = new URL(inject('databaseUrl'));
    url.pathname = `/${name}_old`;
    const db = connectDatabase({ url: url.href, maxConnections: 5, onConnectionError: () => undefined });
    try {
      return await use(db);
    } finally {
      await db.destroy();
    }
  }

  test.each([1, 2, 3])(
    'is signed by one of two databases that go on from the same place at once, when one adds 1 leaf and the other %i',
    (leaves) =>
      onCopy(async (other) => {
        const objects = together(2);
        const databases = [registry.db, other];
        const logs = databases.map((db) => logsOn(objects, db).get('public'));
        await queueLeaf({ db: registry.db });
        for (let i = 0; i < leaves; i += 1) await queueLeaf({ db: other }, `other-${i}`);
        const outcomes = await Promise.allSettled(logs.map(({ sequencer }) => sequencer.settle()));
        const refused = outcomes.flatMap((o, i) =>
          o.status === 'rejected' ? [{ i, reason: o.reason as unknown }] : [],
        );
        expect(refused).toMatchObject([{ reason: frozen }]);
        const loser = refused[0]?.i ?? -1;
        // It was signed, and nobody sees it; what was there before goes on being served.
        const sizes = await Promise.all(
          databases.map(async (db) => (await findNewestNote(db, 'public'))?.size),
        );
        const grown = loser === 0 ? 3 + leaves : 4;
        expect(sizes[loser]).toBe(3);
        expect(sizes[1 - loser]).toBe(grown);
        expect(await copiedSize()).toBe(grown);
        // A process that is started anew knows no better, and neither does one that asks again.
        const again = logsOn(registry.deps.objects, databases[loser]);
        await expect(again.get('public').sequencer.settle()).rejects.toMatchObject(frozen);
        await expect(again.get('public').guard.catchUp(Number.MAX_SAFE_INTEGER)).rejects.toMatchObject(
          frozen,
        );
        expect((await findNewestNote(databases[loser] ?? other, 'public'))?.size).toBe(3);
      }),
  );

  test('is frozen when what it writes takes the place of a copy that was removed because of newer ones', () =>
    onCopy(async (other) => {
      const { objects } = registry.deps;
      let isHeld = true;
      const winner = logsOn(objects).get('public').sequencer;
      const late: ObjectStore = {
        ...objects,
        putIfAbsent: async (key, bytes) => {
          if (isHeld) {
            isHeld = false;
            // Meanwhile the other one goes on for so long that old copies are removed.
            for (let i = 0; i < 20; i += 1) {
              await queueLeaf(registry);
              await winner.settle();
            }
            await retrying(async () => {
              expect(await objects.get(key, { maxBytes: 1 << 20 })).toBeUndefined();
            });
          }
          return objects.putIfAbsent(key, bytes);
        },
      };
      await queueLeaf({ db: other });
      await expect(logsOn(late, other).get('public').sequencer.settle()).rejects.toMatchObject(frozen);
      expect((await findNewestNote(other, 'public'))?.size).toBe(3);
      expect(await copiedSize()).toBe(23);
    }));

  test('goes on in two processes of one database that write their copies at once', async () => {
    const objects = together(2);
    const [one, two] = [logsOn(objects).get('public'), logsOn(objects).get('public')];
    await queueLeaf(registry);
    const first = one.sequencer.settle();
    await retrying(async () => {
      expect((await registry.db.selectFrom('log_state').select('size').executeTakeFirstOrThrow()).size).toBe(
        4,
      );
    });
    await queueLeaf(registry);
    await Promise.all([first, two.sequencer.settle()]);
    expect(await copiedSize()).toBe(5);
    expect((await findNewestNote(registry.db, 'public'))?.size).toBe(5);
    expect(reports).toEqual([]);
  });

  test('shows a checkpoint to nobody before it is copied, and a version not without one', async () => {
    const before = (await call(registry, '/log/public/checkpoint')).bytes;
    const paths = (version: string) => [
      `/v1/workflows/acme/deploy/${version}/receipt`,
      `/v1/workflows/acme/deploy/${version}/proof`,
    ];
    const yank = (version: string) =>
      callJson(registry, 'PUT', `/v1/workflows/acme/deploy/${version}/yank`, { reason: 'old' });
    isFull = true;
    expect((await publish(registry, { version: '1.1.0' })).json['code']).toBe('service.log_lagging');
    const asked = await Promise.all(paths('1.1.0').map((path) => call(registry, path)));
    expect(asked.map(({ status, json }) => [status, json['code']])).toEqual(
      asked.map(() => [503, 'service.log_lagging']),
    );
    expect((await call(registry, '/log/public/checkpoint')).bytes).toEqual(before);
    // What is older is there as before.
    for (const path of [
      ...paths('1.0.0'),
      '/v1/workflows/acme/deploy/1.0.0/standing',
      '/v1/namespaces/acme/keys',
    ])
      expect((await call(registry, path)).status).toBe(200);
    isFull = false;
    // Any process that sweeps copies what another one left behind.
    await logsOn(registry.deps.objects).sweep();
    for (const path of paths('1.1.0')) expect((await call(registry, path)).status).toBe(200);
    expect((await yank('1.1.0')).status).toBe(200);
  });

  test('is not signed with a clock that is hours ahead, and goes on when it is set', async () => {
    let aheadMs = 0;
    const now = () => Date.now() + aheadMs;
    const { guard, sequencer } = createLogs({
      db: registry.db,
      objects: registry.deps.objects,
      signer: { origin: registry.origin, key: registry.logKey },
      afterAppend: [],
      now,
      failpoint: noFailpoint,
      report: noting(reports),
    }).get('public');
    aheadMs = 50 * 365 * 86_400_000;
    await queueLeaf(registry);
    await expect(guard.assertOpen()).rejects.toMatchObject(frozen);
    await expect(sequencer.settle()).rejects.toMatchObject({
      ...frozen,
      hint: expect.stringContaining('NTP') as string,
    });
    expect(await copiedSize()).toBe(3);
    aheadMs = 0;
    await sequencer.settle();
    expect(reports.map((r) => r.type)).toEqual(['frozen', 'thawed']);
    const { last_time } = await registry.db
      .selectFrom('log_state')
      .select('last_time')
      .executeTakeFirstOrThrow();
    expect(Math.abs(last_time - Date.now() / 1000)).toBeLessThan(60);
  });

  test('whose time is years ahead keeps it, and says so once', async () => {
    const lastSeconds = Math.floor(Date.now() / 1000) + 5 * 365 * 86_400;
    await registry.db.updateTable('log_state').set({ last_time: lastSeconds }).execute();
    const { sequencer } = logsOn(registry.deps.objects).get('public');
    for (let i = 0; i < 2; i += 1) {
      await queueLeaf(registry);
      await sequencer.settle();
    }
    expect(reports).toEqual([{ type: 'time_ahead', realm: 'public', lastSeconds }]);
    const { last_time } = await registry.db
      .selectFrom('log_state')
      .select('last_time')
      .executeTakeFirstOrThrow();
    expect(last_time).toBe(lastSeconds);
  });

  test('appends the next batch while a copy is written, answers none before its own copy, and keeps their order', async () => {
    const puts: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const objects: ObjectStore = {
      ...registry.deps.objects,
      putIfAbsent: async (key, bytes) => {
        puts.push(Buffer.from(bytes).toString().split('\n')[1] ?? '');
        await held;
        return registry.deps.objects.putIfAbsent(key, bytes);
      },
    };
    const { sequencer } = logsOn(objects).get('public');
    const size = async () =>
      (await registry.db.selectFrom('log_state').select('size').executeTakeFirstOrThrow()).size;
    const answered: number[] = [];
    const settled: Promise<unknown>[] = [];
    for (const at of [4, 5, 6]) {
      await queueLeaf(registry);
      settled.push(sequencer.settle().then(() => answered.push(at)));
      // The second is appended while the copy of the first is written; the third waits.
      if (at < 6) {
        await retrying(async () => {
          expect(await size()).toBe(at);
        });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([await size(), puts, answered]).toEqual([5, ['4'], []]);
    release();
    await Promise.all(settled);
    expect([puts, answered]).toEqual([
      ['4', '5', '6'],
      [4, 5, 6],
    ]);
    expect(await copiedSize()).toBe(6);
    expect(reports).toEqual([]);
  });

  test('remembers what it signed before the copy of it is written', async () => {
    const objects = failingStore(
      () => registry.deps.objects,
      () => true,
    );
    await copyDatabase();
    await settled();
    const { guard, sequencer } = logsOn(objects).get('public');
    await queueLeaf(registry);
    await expect(sequencer.settle()).rejects.toMatchObject({ code: 'object.unavailable' });
    expect(await copiedSize()).toBe(3);
    await swapDatabase('_old', '_new');
    await settled();
    await queueLeaf(registry);
    await expect(sequencer.settle()).rejects.toMatchObject(frozen);
    await expect(guard.assertOpen()).rejects.toMatchObject(frozen);
    await swapDatabase('_new', '_old');
    await settled();
    await guard.assertOpen();
    expect(reports.map((r) => r.type)).toEqual(['frozen', 'thawed']);
  });

  test.each([
    ['to the same size', 1],
    ['to a smaller size', 2],
  ])(
    'notices after its commit that another database went on from the same place, %s',
    async (_how, leaves) => {
      const ahead = aheadOf(registry, 4);
      const logs = createLogs({
        db: registry.db,
        objects: registry.deps.objects,
        signer: { origin: registry.origin, key: registry.logKey },
        afterAppend: [],
        now: () => Date.now(),
        failpoint: async (reached) => {
          if (reached === 'sequencer.after_commit')
            await copies().put({ position: 4, bytes: Buffer.from(ahead) });
        },
        report: noting(reports),
      });
      for (let i = 0; i < leaves; i += 1) await queueLeaf(registry);
      await expect(logs.get('public').sequencer.settle()).rejects.toMatchObject(frozen);
      await expect(logs.get('public').sequencer.settle()).rejects.toMatchObject(frozen);
      expect(reports.map((r) => r.type)).toEqual(['frozen']);
    },
  );
});

/** A checkpoint that the log's key signed for a tree that this database does not hold. */
function aheadOf({ origin, logKey }: TestRegistry, size: number): string {
  return signNote(`${origin}/log/public\n${size}\n${'B'.repeat(42)}A=\n`, `${origin}/log/public`, logKey);
}

async function removeCopies({ deps: { objects } }: TestRegistry): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of objects.list('checkpoints/')) keys.push(key);
  for (const key of keys) await objects.delete(key);
}

async function retrying<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
