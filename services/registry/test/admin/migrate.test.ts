import { migrations } from '@sheaf/migrations';
import { sql } from 'kysely';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startRegistry } from '../../src/compose.js';
import { parseConfig } from '../../src/config.js';
import { migrateVerb } from '../../src/verbs/migrate.js';
import { createOwnDatabase, runVerb, type OwnDatabase } from '../support/composed-registry.js';

const NAMES = Object.keys(migrations).sort();
let database: OwnDatabase;
let dir: string;
beforeEach(async () => {
  database = await createOwnDatabase('template0');
  dir = await mkdtemp(join(tmpdir(), 'sheaf-migrate-'));
});
afterEach(async () => {
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

const migrate = (...args: string[]) =>
  runVerb(migrateVerb, [...args, '--data-dir', dir], { DATABASE_URL: database.url });

test('a look changes nothing and fails while the schema is behind', async () => {
  const before = await migrate('--check');
  expect(before).toMatchObject({ code: 1, out: NAMES.map((name) => `pending ${name}\n`).join('') });
  expect(await migrate()).toMatchObject({
    code: 0,
    out: `${NAMES.map((name) => `applied ${name}\n`).join('')}the schema is up to date\n`,
  });
  expect(await migrate('--check')).toMatchObject({ code: 0, out: 'the schema is up to date\n' });
});

test('two that start at once take turns', async () => {
  const both = await Promise.all([migrate(), migrate()]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  const applied = both.flatMap(({ out }) => out.split('\n').filter((line) => line.startsWith('applied')));
  expect(applied.sort()).toEqual(NAMES.map((name) => `applied ${name}`));
});

test('a database that a newer release has migrated is left as it is', async () => {
  await migrate();
  await sql`insert into kysely_migration (name, timestamp) values ('9999_of_the_future', '')`.execute(
    database.db,
  );
  expect(await migrate()).toMatchObject({
    code: 0,
    out: 'of a newer release: 9999_of_the_future\nthe schema is up to date\n',
  });
});

test('a service that may not migrate refuses a schema that is behind, and says what to do', async () => {
  const env = { DATABASE_URL: database.url, SHEAF_MIGRATE: 'off' };
  const start = () =>
    startRegistry(parseConfig(['--port', '0', '--data-dir', dir], env, false), pino({ level: 'silent' }));
  await expect(start()).rejects.toMatchObject({
    code: 'database.schema_behind',
    hint: expect.stringContaining('sheaf-registry migrate') as string,
  });
  await migrate();
  await (await start()).stop();
});
