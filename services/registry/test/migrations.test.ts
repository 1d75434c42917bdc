import { migrations } from '@sheaf/migrations';
import { Migrator, sql } from 'kysely';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connectDatabase, type Db } from '../src/db/connection.js';

const NAME = `migrations_${process.pid}`;
let admin: Db;
let db: Db;

const connect = (url: URL, maxConnections: number) =>
  connectDatabase({ url: url.href, maxConnections, onConnectionError: () => undefined });

beforeAll(async () => {
  const url = new URL(inject('databaseUrl'));
  url.pathname = '/postgres';
  admin = connect(url, 1);
  await sql`create database ${sql.id(NAME)}`.execute(admin);
  url.pathname = `/${NAME}`;
  db = connect(url, 2);
});
afterAll(async () => {
  await db.destroy();
  await sql`drop database ${sql.id(NAME)} with (force)`.execute(admin);
  await admin.destroy();
});

test('a database of the first schema learns where its releases changed their state', async () => {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  });
  const first = await migrator.migrateTo('0001_registry');
  expect(first.error).toBeUndefined();
  await sql`insert into users (name) values ('ana')`.execute(db);
  await sql`insert into namespaces (name, created_by, log_index) values ('acme', 1, 0)`.execute(db);
  await sql`insert into workflows (namespace_id, name) values (1, 'deploy')`.execute(db);
  for (const [version, index] of [
    ['1.0.0', 2],
    ['2.0.0', 3],
  ] as const) {
    await sql`
      insert into versions (workflow_id, version, sort_key, is_prerelease, tar_sha256, tar_size, blob_sha256, blob_size,
        envelope, key_ids, summary, search, published_by, published_via, published_at, log_index, checkpoint_size)
      values (1, ${version}, ${version}, false, ${Buffer.alloc(32)}, 1, ${Buffer.alloc(32)}, 1, '', '{}', '{}', '', 1,
        'token', now(), ${index}, 4)`.execute(db);
  }
  for (const [action, index] of [
    ['workflow.publish', 2],
    ['release.deprecate', 5],
    ['release.undeprecate', 6],
    ['release.deprecate', null],
  ] as const) {
    await sql`
      insert into audit (action, namespace, workflow, version, log_index)
      values (${action}, 'acme', 'deploy', '1.0.0', ${index})`.execute(db);
  }
  const rest = await migrator.migrateToLatest();
  expect(rest.error).toBeUndefined();
  expect(
    await db.selectFrom('versions').select(['version', 'state_index']).orderBy('version').execute(),
  ).toEqual([
    { version: '1.0.0', state_index: 6 },
    { version: '2.0.0', state_index: null },
  ]);
  expect(await db.selectFrom('namespaces').select(['realm', 'visibility']).execute()).toEqual([
    { realm: 'public', visibility: 'public' },
  ]);
});

test.each([
  ['a private namespace in a log that others read', { visibility: 'private', realm: 'public' }],
  ['a public namespace in a log of its own', { visibility: 'public', realm: 'fresh' }],
] as const)('refuses %s', async (_, columns) => {
  const insert = db.insertInto('namespaces').values({ name: 'fresh', created_by: 1, ...columns });
  await expect(insert.execute()).rejects.toThrow('namespaces_realm');
});
