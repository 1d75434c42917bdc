import { sql } from 'kysely';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adminVerb } from '../../src/verbs/admin.js';
import { checkVerb } from '../../src/verbs/check.js';
import { exportVerb } from '../../src/verbs/export.js';
import { gcVerb } from '../../src/verbs/gc.js';
import { migrateVerb } from '../../src/verbs/migrate.js';
import type { Verb } from '../../src/verbs/verb.js';
import { workerVerb } from '../../src/verbs/worker.js';
import { createOwnDatabase, runVerb, startComposedRegistry } from '../support/composed-registry.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sheaf-begun-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const notSetUp = { code: 'registry.not_set_up' };

/** What looks at a registry, or works beside one. */
const beside: readonly (readonly [string, Verb, readonly string[]])[] = [
  ['check', checkVerb, []],
  ['export', exportVerb, ['archive.tar']],
  ['gc', gcVerb, []],
  ['admin list', adminVerb, ['list']],
  ['admin create', adminVerb, ['create', 'ana']],
  ['worker', workerVerb, []],
];

describe('where there is no registry', () => {
  test.each([...beside, ['migrate --check', migrateVerb, ['--check']] as const])(
    '%s begins none in a data directory, and says what it looked for',
    async (_name, verb, args) => {
      const missing = join(dir, 'typo');
      await expect(runVerb(verb, [...args, '--data-dir', missing], {})).rejects.toMatchObject({
        ...notSetUp,
        message: `there is no registry in ${missing}: it holds no database in ${join(missing, 'postgres')}`,
        hint: expect.stringContaining('check --data-dir') as string,
      });
      expect(await readdir(dir)).toEqual([]);
      await mkdir(missing);
      await expect(runVerb(verb, [...args, '--data-dir', missing], {})).rejects.toMatchObject(notSetUp);
      expect(await readdir(missing)).toEqual([]);
    },
  );

  test('nothing is begun in a database of the operator, empty or only migrated', async () => {
    const database = await createOwnDatabase('template0');
    const env = { DATABASE_URL: database.url, SHEAF_DATA_DIR: join(dir, 'data') };
    const tables = async () => {
      const found = await sql`select from pg_tables where schemaname = 'public'`.execute(database.db);
      return found.rows.length;
    };
    try {
      for (const [, verb, args] of beside)
        await expect(runVerb(verb, args, env)).rejects.toMatchObject({
          ...notSetUp,
          hint: expect.stringContaining('check DATABASE_URL') as string,
        });
      expect(await runVerb(migrateVerb, ['--check'], env)).toMatchObject({ code: 1 });
      expect(await tables()).toBe(0);
      expect(await readdir(dir)).toEqual([]);

      await runVerb(migrateVerb, [], env);
      for (const [, verb, args] of beside)
        await expect(runVerb(verb, args, env)).rejects.toMatchObject(notSetUp);
      const users = await sql`select from users`.execute(database.db);
      expect(users.rows).toHaveLength(0);
    } finally {
      await database.drop();
    }
  });
});

test('the folder of blobs is not made anew by what only looks at a registry', async () => {
  const registry = await startComposedRegistry();
  try {
    const env = { ...registry.env, SHEAF_DATA_DIR: join(dir, 'typo') };
    const archive = join(dir, 'archive.tar');
    const quarantine = ['quarantine', 'acme/deploy@1.0.0', '--reason', 'no'];
    for (const [verb, args] of [
      [checkVerb, []],
      [gcVerb, []],
      [exportVerb, [archive]],
      [adminVerb, quarantine],
      [workerVerb, []],
    ] as const)
      await expect(runVerb(verb, args, env)).rejects.toMatchObject({
        code: 'object.mismatch',
        message: expect.stringContaining(join(dir, 'typo', 'blobs')) as string,
      });
    expect(await readdir(dir)).toEqual([]);
  } finally {
    await registry.close();
  }
});
