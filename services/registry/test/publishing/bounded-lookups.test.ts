import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/db/connection.js';
import { findPublishTargets } from '../../src/db/publish-queries.js';
import { refreshWorkflows } from '../../src/db/search-refresh.js';
import { versionSortKey } from '../../src/domain/workflows/sort-key.js';
import { explainHot } from '../support/explain.js';
import { copyVersions } from '../support/copy-versions.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { openNamespace, publish } from '../support/upload.js';

/** More than a bounded lookup could ever look at. */
const MANY = 2_000;

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
  await publish(registry, { version: '1.0.0' });
  await publish(registry, { version: '2.0.0' });
  await publish(registry, { version: '3.0.0-rc.0' });
  await sql`
    insert into workflows (namespace_id, name)
    select namespace_id, name || '-' || i from workflows, generate_series(1, ${MANY}) i`.execute(registry.db);
  await copyVersions(registry.db, '3.0.0-rc.0', MANY, (i) => `3.0.0-rc.${i + 1}`);
});
afterAll(() => registry.close());

const targetOf = async (db: Db, version: string, countUpTo = 10_000) => {
  const ref = { namespace: 'acme', name: 'deploy', version, sortKey: versionSortKey(version) };
  return (await findPublishTargets(db, { refs: [ref], countUpTo }))[0];
};
const setState = (version: string, state: string) =>
  sql`update versions set state = ${state} where version = ${version}`.execute(registry.db);

test('where a version is to be published is looked up at once, however many workflows and versions there are', async () => {
  const looked = await explainHot(registry.databaseUrl, (db) => targetOf(db, '4.0.0'));
  expect(looked.indexes).toContain('versions_usable');
  expect(looked.rows).toBeLessThan(100);
  expect(await targetOf(registry.db, '3.0.0-rc.9')).toMatchObject({ before: { version: '2.0.0' } });
});

test('what a new version must not break is the newest stable release below it that can be used, also a deprecated one', async () => {
  const before = async (version: string) => (await targetOf(registry.db, version))?.before?.version;
  expect(await before('4.0.0')).toBe('2.0.0');
  expect(await before('2.0.0')).toBe('1.0.0');
  expect(await before('1.0.0')).toBeUndefined();
  await setState('2.0.0', 'deprecated');
  expect(await before('4.0.0')).toBe('2.0.0');
  await setState('2.0.0', 'yanked');
  expect(await before('4.0.0')).toBe('1.0.0');
  await setState('1.0.0', 'deprecated');
  await setState('2.0.0', 'active');
  expect(await before('4.0.0')).toBe('2.0.0');
  await setState('1.0.0', 'active');
});

test('versions are counted no further than a workflow may have, once for each workflow, where there could be so many', async () => {
  const { db } = registry;
  const refs = [1, 2, 3].map((i) => ({
    ...{ namespace: 'acme', name: 'deploy', version: `5.0.${i}` },
    sortKey: versionSortKey(`5.0.${i}`),
  }));
  const versionsOf = async (on: Db, countUpTo: number) =>
    (await findPublishTargets(on, { refs, countUpTo })).map((target) => target?.versions);
  expect(await versionsOf(db, 500)).toEqual([0, 0, 0]);
  await sql`update quota_usage set versions = 3 + ${MANY} where subject like 'ns:%'`.execute(db);
  expect(await versionsOf(db, 500)).toEqual([500, 500, 500]);
  expect(await versionsOf(db, 2 * MANY)).toEqual([0, 0, 0]);
  expect(await versionsOf(db, MANY + 5)).toEqual([MANY + 3, MANY + 3, MANY + 3]);
  expect(await versionsOf(db, 0)).toEqual([0, 0, 0]);
  const looked = await explainHot(registry.databaseUrl, (hot) => versionsOf(hot, 500));
  expect(looked.rows).toBeLessThan(4 * 500);
});

test('what represents a workflow is found at once, however many versions cannot', async () => {
  const latest = async () => {
    const { id } = await registry.db
      .selectFrom('versions')
      .select('id')
      .where('version', '=', '1.0.0')
      .executeTakeFirstOrThrow();
    const looked = await explainHot(registry.databaseUrl, (db) =>
      db.transaction().execute((trx) => refreshWorkflows(trx, [id])),
    );
    expect(looked.rows).toBeLessThan(200);
    expect(looked.indexes).toContain('versions_usable');
    const row = registry.db
      .selectFrom('workflows')
      .innerJoin('versions', 'versions.id', 'latest_version_id')
      .select('version');
    return (await row.executeTakeFirst())?.version;
  };
  expect(await latest()).toBe('2.0.0');
  await setState('2.0.0', 'yanked');
  expect(await latest()).toBe('1.0.0');
  await sql`update versions set state = 'deprecated' where not is_prerelease`.execute(registry.db);
  expect(await latest()).toBe(`3.0.0-rc.${MANY}`);
  await sql`update versions set state = 'yanked' where is_prerelease`.execute(registry.db);
  expect(await latest()).toBe('2.0.0');
  await setState('3.0.0-rc.7', 'deprecated');
  expect(await latest()).toBe('3.0.0-rc.7');
});
