import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SearchResult, TagList } from '@sheaf/client/contract';
import { sortArrivals } from '../../src/db/search-arrivals.js';
import { reindexVersions } from '../../src/db/search-reindex.js';
import { rankEntries } from '../../src/domain/search/jobs.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { call, callJson, openNamespace, publish } from '../support/upload.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
});
afterAll(() => registry.close());

const search = async (query: string) =>
  (await call(registry, `/v1/workflows?${query}`)).json as unknown as SearchResult;
const idsOf = ({ hits }: SearchResult) => hits.map(({ id }) => id);
const tagsOf = async () =>
  Object.fromEntries(
    ((await call(registry, '/v1/tags?limit=1000')).json as unknown as TagList).tags.map(
      ({ tag, workflows }) => [tag, workflows],
    ),
  );
const change = async (name: string, version: string, verb: string) => {
  const path = `/v1/workflows/acme/${name}/${version}/${verb}`;
  expect((await callJson(registry, 'PUT', path, { reason: 'because' })).status).toBe(200);
};
const undo = (name: string, version: string, verb: string) =>
  call(registry, `/v1/workflows/acme/${name}/${version}/${verb}`, {
    method: 'DELETE',
    token: registry.ownerToken,
  });

test('a version is found as soon as it is answered, by what its newest version says', async () => {
  await publish(registry, { name: 'lantern', description: 'Lights the dark', tags: ['light', 'night'] });
  expect(idsOf(await search('q=lights'))).toEqual(['acme/lantern']);
  await publish(registry, {
    name: 'lantern',
    version: '1.1.0',
    description: 'Shines brightly',
    tags: ['light', 'day'],
  });
  expect(idsOf(await search('q=shining'))).toEqual(['acme/lantern']);
  expect(idsOf(await search('q=lights+dark'))).toEqual([]);
  expect(await tagsOf()).toEqual({ light: 1, day: 1 });
  // One of an older line says nothing of the workflow.
  await publish(registry, { name: 'lantern', version: '1.0.1', description: 'Smoulders', tags: ['old'] });
  expect(idsOf(await search('q=smoulders'))).toEqual([]);
  expect(await tagsOf()).toEqual({ light: 1, day: 1 });
});

test('a new entry waits to be sorted into its index, and is found before and after', async () => {
  await sql`create extension pgstattuple`.execute(registry.db);
  const waiting = async () => {
    const { rows } = await sql<{ n: number }>`
      select pending_tuples as n from pgstatginindex('search_entries_terms_3')`.execute(registry.db);
    return rows[0]?.n;
  };
  await sortArrivals(registry.db);
  expect(await waiting()).toBe(0);
  await publish(registry, { name: 'torch', description: 'Carried by hand' });
  expect(await waiting()).toBeGreaterThan(0);
  expect(idsOf(await search('q=carried'))).toEqual(['acme/torch']);
  await sortArrivals(registry.db);
  expect(await waiting()).toBe(0);
  expect(idsOf(await search('q=carried'))).toEqual(['acme/torch']);
});

test('what is deprecated is marked, what is yanked is gone with its tags, and comes back', async () => {
  await publish(registry, { name: 'candle', description: 'Burns at both ends', tags: ['wax'] });
  await change('candle', '1.0.0', 'deprecate');
  expect((await search('q=candle&state=deprecated')).hits[0]).toMatchObject({
    id: 'acme/candle',
    state: 'deprecated',
  });
  await undo('candle', '1.0.0', 'deprecate');
  expect(idsOf(await search('q=candle&state=deprecated'))).toEqual([]);
  await change('candle', '1.0.0', 'yank');
  expect(idsOf(await search('q=candle'))).toEqual([]);
  expect(await tagsOf()).not.toHaveProperty('wax');
  await undo('candle', '1.0.0', 'yank');
  expect(idsOf(await search('q=candle'))).toEqual(['acme/candle']);
  expect(await tagsOf()).toMatchObject({ wax: 1 });
  await change('candle', '1.0.0', 'quarantine');
  expect(idsOf(await search('q=candle'))).toEqual([]);
});

test('downloads lift a workflow when ranks are written, and are kept when it changes', async () => {
  await publish(registry, { name: 'torch-a', description: 'A flame', tags: [] });
  await publish(registry, { name: 'torch-b', description: 'A flame', tags: [] });
  await sql`
    insert into workflow_downloads (workflow_id, total)
    select id, 5000 from workflows where name = 'torch-a'
    on conflict (workflow_id) do update set total = excluded.total`.execute(registry.db);
  expect(await rankEntries(registry.db)).toBe(false);
  expect((await search('q=flame')).hits.map(({ id, downloads }) => [id, downloads])).toEqual([
    ['acme/torch-a', 5000],
    ['acme/torch-b', 0],
  ]);
  const { rows } = await sql`select distinct shelf from search_entries`.execute(registry.db);
  expect(rows).toEqual([{ shelf: 0 }]);
  await publish(registry, { name: 'torch-a', version: '1.1.0', description: 'A flame', tags: [] });
  expect((await search('q=flame')).hits[0]).toMatchObject({
    id: 'acme/torch-a',
    version: '1.1.0',
    downloads: 5000,
  });
});

test('versions that were stored before terms were made so are indexed again', async () => {
  await publish(registry, { name: 'beacon', description: 'Warns the ships', tags: ['sea'] });
  await sql`delete from search_entries where name = 'beacon'`.execute(registry.db);
  await sql`delete from search_tags where tag = 'sea'`.execute(registry.db);
  await sql`
    update versions set search = '', search_format = 0
    where workflow_id = (select id from workflows where name = 'beacon')`.execute(registry.db);
  expect(idsOf(await search('q=beacon'))).toEqual([]);
  expect(await reindexVersions(registry.db, 50)).toBe(1);
  expect(idsOf(await search('q=ships'))).toEqual(['acme/beacon']);
  expect(await tagsOf()).toMatchObject({ sea: 1 });
  expect(await reindexVersions(registry.db, 50)).toBe(0);
});

test('publishes of many workflows at once leave every count right', async () => {
  const names = Array.from({ length: 24 }, (_, i) => `many-${i}`);
  await Promise.all(
    names.map((name) => publish(registry, { name, description: 'One of many', tags: ['many'] })),
  );
  expect(await tagsOf()).toMatchObject({ many: 24 });
  expect(idsOf(await search('q=one+of+many&limit=100')).toSorted()).toEqual(
    names.map((name) => `acme/${name}`).toSorted(),
  );
});
