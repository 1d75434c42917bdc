import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findCopiedLog } from '../../src/db/store-queries.js';
import { assertOwnStore, bindStore, STORE_ID_KEY } from '../../src/domain/setup/own-store.js';
import { createLogs, type LogReport, type Logs } from '../../src/domain/log/logs.js';
import { noFailpoint } from '../../src/domain/failpoint.js';
import { openFilesystemStore } from '../../src/objects/filesystem.js';
import type { ObjectStore } from '../../src/objects/port.js';
import { checkVerb } from '../../src/verbs/check.js';
import { exportVerb } from '../../src/verbs/export.js';
import { gcVerb } from '../../src/verbs/gc.js';
import { runVerb } from '../support/composed-registry.js';
import { noting } from '../support/log-reports.js';
import { queueLeaf } from '../support/queue-leaf.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';

let registry: TestRegistry;
let dir: string;
let own: ObjectStore;
let other: ObjectStore;
const mismatch = { code: 'object.mismatch' };

beforeEach(async () => {
  registry = await startTestRegistry();
  dir = await mkdtemp(join(tmpdir(), 'sheaf-own-store-'));
  own = registry.deps.objects;
  other = await openFilesystemStore({ dir: join(dir, 'blobs'), now: () => Date.now() });
});
afterEach(async () => {
  await registry.close();
  await rm(dir, { recursive: true, force: true });
});

/** What a log tells of trouble: why nothing was written. */
const troubles: LogReport[] = [];

function logsOf(objects: ObjectStore): Logs {
  return createLogs({
    db: registry.db,
    objects,
    signer: { origin: registry.origin, key: registry.logKey },
    afterAppend: [],
    now: () => Date.now(),
    failpoint: noFailpoint,
    report: noting(troubles),
  });
}
/** Writes a leaf and its copy. A log that settles has tried to: a batch that fails is tried again, here as in the service. */
async function writeLog({ db }: TestRegistry, logs: Logs): Promise<void> {
  await queueLeaf({ db });
  for (let tries = 0; tries < 50; tries += 1) {
    await logs.get('public').sequencer.settle();
    if ((await findCopiedLog(db)) !== undefined) return;
    await sleep(100);
  }
  expect.fail(`no copy was written: ${inspect(troubles)}`);
}
const idIn = async (store: ObjectStore) => {
  const bytes = await store.get(STORE_ID_KEY);
  return bytes && Buffer.from(bytes).toString().trim();
};
const bindTo = (objects: ObjectStore) => bindStore({ db: registry.db, objects });

describe('the store of a database', () => {
  test('is given its id at the first start, once, however many processes start', async () => {
    await Promise.all([bindTo(own), bindTo(own), bindTo(own)]);
    const { store_id } = await registry.db
      .selectFrom('registry')
      .select('store_id')
      .executeTakeFirstOrThrow();
    expect(await idIn(own)).toBe(store_id);
    await bindTo(own);
    expect(await idIn(own)).toBe(store_id);
  });

  test('keeps the id that it has when a database without entries is tied to it', async () => {
    await own.putIfAbsent(STORE_ID_KEY, Buffer.from('older\n'));
    await bindTo(own);
    await assertOwnStore({ db: registry.db, objects: own });
    expect(await idIn(own)).toBe('older');
  });

  test('is never another one, empty or not, and an empty one is left as it is', async () => {
    await bindTo(own);
    await expect(bindTo(other)).rejects.toMatchObject(mismatch);
    await expect(assertOwnStore({ db: registry.db, objects: other })).rejects.toMatchObject(mismatch);
    expect(await idIn(other)).toBeUndefined();
    await other.putIfAbsent(STORE_ID_KEY, Buffer.from('another\u001b[2J'));
    await expect(bindTo(other)).rejects.toMatchObject({
      ...mismatch,
      message: expect.stringContaining('"another?[2J"') as string,
    });
  });

  test('is, for a database from before there were ids, the one that holds its copies', async () => {
    await writeLog(registry, logsOf(own));
    await expect(bindTo(other)).rejects.toMatchObject(mismatch);
    expect(await idIn(other)).toBeUndefined();
    await bindTo(own);
    await expect(bindTo(other)).rejects.toMatchObject(mismatch);
  });

  test('is not one with the copies of somebody else', async () => {
    await writeLog(registry, logsOf(own));
    const stranger = await startTestRegistry();
    try {
      await writeLog(stranger, stranger.deps.logs);
      await expect(bindTo(stranger.deps.objects)).rejects.toMatchObject(mismatch);
    } finally {
      await stranger.close();
    }
  });

  test('can be a copy of it that the operator has given its id', async () => {
    await bindTo(own);
    await other.putIfAbsent(STORE_ID_KEY, Buffer.from(`${(await idIn(own)) ?? ''}\n`));
    await bindTo(other);
  });

  test('is asked for by the verbs that work beside the service', async () => {
    await bindTo(own);
    const env = { DATABASE_URL: registry.databaseUrl, SHEAF_DATA_DIR: dir };
    const archive = join(dir, 'archive.tar');
    for (const [verb, args] of [
      [checkVerb, []],
      [gcVerb, ['--dry-run']],
      [exportVerb, [archive]],
    ] as const)
      await expect(runVerb(verb, args, env)).rejects.toMatchObject(mismatch);
    await expect(readFile(archive)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is not looked at before the first start', async () => {
    await sql`delete from registry`.execute(registry.db);
    await bindTo(other);
    expect(await idIn(other)).toBeUndefined();
  });
});
