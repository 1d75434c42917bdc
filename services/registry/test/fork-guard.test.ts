import { generateSigningKey, signNote } from '@sheaf/bundle';
import { sql } from 'kysely';
import { cp, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { startRegistry, type RunningRegistry } from '../src/compose.js';
import { parseConfig } from '../src/config.js';
import { connectDatabase, type Db } from '../src/db/connection.js';
import { findCheckpoint } from '../src/db/log-queries.js';
import { noFailpoint } from '../src/domain/failpoint.js';
import { createLogs, type LogReport } from '../src/domain/log/logs.js';
import { ObjectStoreError, type ObjectStore } from '../src/objects/port.js';
import { openRegister } from '../src/domain/log/register.js';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import {
  call,
  callJson,
  countStored,
  keyEvent,
  openNamespace,
  publish,
  sendKey,
  type Reachable,
} from './support/upload.js';

describe('a registry whose database was restored from a backup', () => {
  let dataDir: string;
  let running: (RunningRegistry & Reachable) | undefined;
  const lines: Record<string, unknown>[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sheaf-fork-'));
  });
  afterAll(async () => {
    await running?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(): Promise<RunningRegistry & Reachable> {
    const config = parseConfig(
      ['--port', '0', '--data-dir', dataDir],
      { SHEAF_ORIGIN: 'wf.example.com' },
      false,
    );
    lines.length = 0;
    const log = pino(
      { level: 'warn' },
      { write: (line) => lines.push(JSON.parse(line) as (typeof lines)[0]) },
    );
    const registry = await startRegistry(config, log);
    const ownerToken = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
    running = { ...registry, ownerToken };
    return running;
  }
  async function stop(): Promise<void> {
    await running?.stop();
    running = undefined;
  }
  const cluster = () => join(dataDir, 'postgres');

  test('refuses to sign, says what to do, goes on serving, and goes on by itself when the newer one is back', async () => {
    let registry = await start();
    expect(registry.frozenLog).toBeUndefined();
    await openNamespace(registry);
    expect((await publish(registry, { version: '1.0.0' })).status).toBe(201);
    await stop();
    await cp(cluster(), `${cluster()}-old`, { recursive: true });

    registry = await start();
    expect((await publish(registry, { version: '1.1.0' })).status).toBe(201);
    const note = (await call(registry, '/log/public/checkpoint')).bytes;
    await stop();
    await rename(cluster(), `${cluster()}-new`);
    await rename(`${cluster()}-old`, cluster());

    registry = await start();
    expect(registry.frozenLog).toMatchObject({
      code: 'log.frozen',
      message:
        'log wf.example.com/log/public was signed with 4 entries, but its database holds 3: it is older than the log',
      hint: expect.stringContaining('put back a database that holds all 4 entries') as string,
    });
    expect(lines.map((line) => [line['msg'], line['help']])).toContainEqual([
      registry.frozenLog?.message,
      registry.frozenLog?.hint,
    ]);
    const refused = await publish(registry, { version: '1.2.0' });
    expect([refused.status, refused.json['code']]).toEqual([503, 'log.frozen']);
    expect((await call(registry, '/v1/workflows/acme/deploy/1.0.0/receipt')).status).toBe(200);
    expect((await call(registry, '/v1/workflows/acme/deploy/1.2.0')).status).toBe(404);
    const ready = await call(registry, '/readyz');
    expect([ready.status, ready.json]).toEqual([
      200,
      { status: 'ready', database: 'ok', storage: 'ok', log: 'frozen', detail: registry.frozenLog?.message },
    ]);
    await stop();
    await rm(cluster(), { recursive: true });
    await rename(`${cluster()}-new`, cluster());

    registry = await start();
    expect(registry.frozenLog).toBeUndefined();
    expect((await call(registry, '/readyz')).json).toMatchObject({ log: 'ok' });
    expect((await call(registry, '/log/public/checkpoint')).bytes).toEqual(note);
    const version = await publish(registry, { version: '1.2.0' });
    expect(version.status).toBe(201);
  }, 120_000);
});

describe('a log', () => {
  let registry: TestRegistry;
  let admin: Db;
  let name: string;
  const reports: LogReport[] = [];

  beforeEach(async () => {
    registry = await startTestRegistry();
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
  const logsOn = (objects: ObjectStore) =>
    createLogs({
      db: registry.db,
      objects,
      signer: { origin: registry.origin, key: registry.logKey },
      afterAppend: [],
      now: () => Date.now(),
      failpoint: noFailpoint,
      report: (report) => reports.push(report),
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
    expect((await copies().latest())?.position).toBe(5);
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
    expect((await copies().latest())?.position).toBe(4);
  });

  test('answers no publish whose checkpoint could not be copied, and copies it when asked again', async () => {
    let isBroken = true;
    const objects: ObjectStore = {
      ...registry.deps.objects,
      putIfAbsent: (key, bytes) =>
        isBroken
          ? Promise.reject(new ObjectStoreError('object.unavailable', 'the disk is full'))
          : registry.deps.objects.putIfAbsent(key, bytes),
    };
    const { sequencer } = logsOn(objects).get('public');
    await queueLeaf(registry);
    await expect(sequencer.settle()).rejects.toMatchObject({ code: 'object.unavailable' });
    await expect(sequencer.settle()).rejects.toMatchObject({ code: 'object.unavailable' });
    expect((await copies().latest())?.position).toBe(3);
    isBroken = false;
    await sequencer.settle();
    expect((await copies().latest())?.position).toBe(4);
    expect(reports).toEqual([]);
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
    expect((await copies().latest())?.position).toBe(6);
    expect(reports).toEqual([]);
  });

  test('remembers what it signed before the copy of it is written', async () => {
    const objects: ObjectStore = {
      ...registry.deps.objects,
      putIfAbsent: () => Promise.reject(new ObjectStoreError('object.unavailable', 'the disk is full')),
    };
    await copyDatabase();
    await settled();
    const { guard, sequencer } = logsOn(objects).get('public');
    await queueLeaf(registry);
    await expect(sequencer.settle()).rejects.toMatchObject({ code: 'object.unavailable' });
    expect((await copies().latest())?.position).toBe(3);
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
        report: (report) => reports.push(report),
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

async function queueLeaf({ db }: TestRegistry): Promise<void> {
  const { id } = await db
    .insertInto('audit')
    .values({ action: 'namespace.create', detail: '{}' })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('log_queue')
    .values({
      realm: 'public',
      namespace: 'queued',
      leaf: JSON.stringify({ type: 'ns.create', ns: 'queued' }),
      subject_kind: 'namespace',
      subject_id: 0,
      audit_id: id,
    })
    .execute();
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
