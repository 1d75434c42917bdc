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

test('a database of the first schema learns where its releases changed their state, and who directed its webhooks', async () => {
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
  expect((await migrator.migrateTo('0015_search_arrivals')).error).toBeUndefined();
  await sql`insert into users (name) values ('ben'), ('cho')`.execute(db);
  await sql`
    insert into webhooks (id, url, topics, secret, created_by, after_position)
    values ('wh_1', 'https://example.com/', '{}', '', 1, 0)`.execute(db);
  await sql`
    insert into audit (action, user_id, detail)
    values ('webhook.rotate', 2, '{"webhook": "wh_1"}'), ('webhook.redeliver', 3, '{"webhook": "wh_1"}'),
      ('webhook.change', 3, '{"webhook": "wh_gone"}')`.execute(db);
  const rest = await migrator.migrateToLatest();
  expect(rest.error).toBeUndefined();
  expect(await db.selectFrom('webhook_directors').select('user_id').orderBy('user_id').execute()).toEqual([
    { user_id: 1 },
    { user_id: 2 },
  ]);
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

test('a database with revocations learns which releases they refuse, and shows others', async () => {
  const name = `${NAME}_revoked`;
  await sql`create database ${sql.id(name)}`.execute(admin);
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${name}`;
  const own = connect(url, 2);
  try {
    const migrator = new Migrator({
      db: own,
      provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    });
    expect((await migrator.migrateTo('0004_revocations')).error).toBeUndefined();
    await sql`insert into users (name) values ('ana')`.execute(own);
    await sql`insert into namespaces (name, created_by, log_index) values ('acme', 1, 0)`.execute(own);
    await sql`insert into workflows (namespace_id, name) values (1, 'deploy')`.execute(own);
    const [stolen, other] = ['a'.repeat(64), 'b'.repeat(64)];
    await sql`
      insert into keys (namespace_id, key_id, public_key, event, added_by, log_index)
      values (1, ${stolen}, ${Buffer.alloc(32)}, '', 1, 1)`.execute(own);
    for (const [version, index, signer] of [
      ['1.0.0', 2, stolen],
      ['2.0.0', 3, other],
      ['3.0.0', 4, stolen],
    ] as const) {
      await sql`
        insert into versions (workflow_id, version, sort_key, is_prerelease, tar_sha256, tar_size, blob_sha256,
          blob_size, envelope, key_ids, summary, search, published_by, published_via, published_at, log_index,
          checkpoint_size)
        values (1, ${version}, ${version}, false, ${Buffer.alloc(32)}, 1, ${Buffer.alloc(32)}, 1, '',
          ${[signer]}::text[], ${JSON.stringify({ tags: [version] })}, '', 1, 'token', now(), ${index}, 5)`.execute(
        own,
      );
    }
    await sql`update workflows set latest_version_id = (select id from versions where version = '3.0.0')`.execute(
      own,
    );
    await sql`insert into workflow_tags (workflow_id, tag) values (1, '3.0.0')`.execute(own);
    for (const [reason, fromIndex, index] of [
      ['superseded', null, 5],
      ['compromised', 4, 6],
    ] as const) {
      await sql`
        insert into key_revocations (key_id, reason, from_index, event, revoked_by, log_index)
        values (1, ${reason}, ${fromIndex}, '', 1, ${index})`.execute(own);
    }
    expect((await migrator.migrateToLatest()).error).toBeUndefined();
    const marked = own.selectFrom('versions').select(['version', 'revoked_index']).orderBy('version');
    expect(await marked.execute()).toEqual([
      { version: '1.0.0', revoked_index: null },
      { version: '2.0.0', revoked_index: null },
      { version: '3.0.0', revoked_index: 6 },
    ]);
    const latest = own
      .selectFrom('workflows')
      .innerJoin('versions', 'versions.id', 'latest_version_id')
      .select('version');
    expect(await latest.execute()).toEqual([{ version: '2.0.0' }]);
    expect(await own.selectFrom('workflow_tags').select('tag').execute()).toEqual([{ tag: '2.0.0' }]);
  } finally {
    await own.destroy();
    await sql`drop database ${sql.id(name)} with (force)`.execute(admin);
  }
});

test.each([
  ['a private namespace in a log that others read', { visibility: 'private', realm: 'public' }],
  ['a public namespace in a log of its own', { visibility: 'public', realm: 'fresh' }],
] as const)('refuses %s', async (_, columns) => {
  const insert = db.insertInto('namespaces').values({ name: 'fresh', created_by: 1, ...columns });
  await expect(insert.execute()).rejects.toThrow('namespaces_realm');
});
