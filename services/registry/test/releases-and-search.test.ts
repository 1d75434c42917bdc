import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import { call, callJson, countStored, openNamespace, publish, type Answer } from './support/upload.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
  await openNamespace(registry, 'crew');
  await publish(registry, {
    name: 'release-notes',
    description: 'Writes notes from the history',
    tags: ['git', 'release'],
  });
  await publish(registry, { name: 'deploy', description: 'Deploys a service to staging', tags: ['ops'] });
  await publish(registry, {
    namespace: 'crew',
    name: 'deploy-check',
    description: 'Checks what was deployed',
    tags: ['ops', 'git'],
  });
  await publish(registry, { namespace: 'crew', name: 'notes', description: 'Keeps a diary', tags: [] });
});
afterAll(() => registry.close());

const search = (query: string) => call(registry, `/v1/workflows?${query}`);
const ids = (answer: Answer) => (answer.json['hits'] as { id: string }[]).map((h) => h.id);

describe('search', () => {
  test.each([
    ['q=history', ['acme/release-notes']],
    ['q=histories', ['acme/release-notes']],
    ['q=release-notes', ['acme/release-notes']],
    ['q=acme/deploy', ['acme/deploy']],
    ['q=relea', ['acme/release-notes']],
    ['q=notes', ['crew/notes', 'acme/release-notes']],
    ['q=deploy', ['acme/deploy', 'crew/deploy-check']],
    ['q=gazebo&tag=git', ['acme/release-notes', 'crew/deploy-check']],
    ['tag=git&tag=ops', ['crew/deploy-check']],
    ['owner=crew&q=notes', ['crew/notes']],
    ['q=notes%20diary', ['crew/notes']],
    ['q=nothing-like-it', []],
    ['license=Apache-2.0', []],
    ['permission=network', []],
  ])('for %s finds %j', async (query, expected) => {
    const found = ids(await search(query));
    if (query.startsWith('q=gazebo')) expect(found.toSorted()).toEqual(expected);
    else expect(found).toEqual(expected);
  });

  test.each(["q=!%26|'%22:*()<->\\", 'q=%F0%9F%98%80', "q=';drop table workflows;--", 'q=%25%25', 'q=a:*b'])(
    'takes %s as plain words',
    async (query) => {
      expect((await search(query)).status).toBe(200);
    },
  );

  test('offers names near a misspelled one, and only when nothing matches', async () => {
    const answer = await search('q=relase-notes');
    expect(ids(answer)).toEqual([]);
    expect((answer.json['near'] as { id: string }[])[0]?.id).toBe('acme/release-notes');
    expect((await search('q=notes')).json['near']).toEqual([]);
  });

  test('pages without gaps', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const answer = await search(`limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...ids(answer));
      cursor = (answer.json['nextCursor'] as string | undefined) ?? '';
    } while (cursor !== '');
    expect(seen.toSorted()).toEqual(['acme/deploy', 'acme/release-notes', 'crew/deploy-check', 'crew/notes']);
  });

  test('tags are counted', async () => {
    expect((await call(registry, '/v1/tags')).json).toEqual({
      tags: [
        { tag: 'git', workflows: 2 },
        { tag: 'ops', workflows: 2 },
        { tag: 'release', workflows: 1 },
      ],
    });
  });
});

describe('deprecation', () => {
  const path = '/v1/workflows/acme/deploy/1.0.0/deprecate';

  test('marks a version with reason and replacement, once in the log, and can be taken back', async () => {
    const before = await countStored(registry);
    const request = { reason: 'use 2.0', replacement: 'crew/deploy-check@1.0.0' };
    const done = await callJson(registry, 'PUT', path, request);
    expect(done.json).toMatchObject({ state: 'deprecated', ...request });
    expect((await callJson(registry, 'PUT', path, request)).status).toBe(200);
    const after = await countStored(registry);
    expect(Number(after['log_leaves']) - Number(before['log_leaves'])).toBe(1);

    const { json } = await call(registry, '/v1/workflows/acme/deploy');
    expect(json).toMatchObject({
      channels: {},
      versions: [{ version: '1.0.0', state: 'deprecated', reason: 'use 2.0' }],
    });
    expect(ids(await search('q=deploys'))).toContain('acme/deploy');

    const undone = await call(registry, path, { method: 'DELETE', token: registry.ownerToken });
    expect(undone.json['state']).toBe('active');
    expect(undone.json).not.toHaveProperty('reason');
  });

  test.each([
    [{}, 400, 'request.invalid'],
    [{ reason: '' }, 400, 'request.invalid'],
    [{ reason: 'x'.repeat(501) }, 400, 'request.invalid'],
    [{ reason: 'x', replacement: 'not a reference' }, 400, 'request.invalid'],
  ])('with %j is refused', async (body, status, code) => {
    const answer = await callJson(registry, 'PUT', path, body);
    expect([answer.status, answer.json['code']]).toEqual([status, code]);
  });

  test('needs a role and an existing version', async () => {
    const token = await registry.addUser('someone');
    expect((await callJson(registry, 'PUT', path, { reason: 'x' }, token)).status).toBe(403);
    expect(
      (await callJson(registry, 'PUT', path.replace('1.0.0', '3.0.0'), { reason: 'x' })).json['code'],
    ).toBe('version.not_found');
  });
});

test('latest is the highest stable active version', async () => {
  await publish(registry, { name: 'many', version: '1.9.0' });
  await publish(registry, { name: 'many', version: '1.10.0' });
  await publish(registry, { name: 'many', version: '2.0.0-rc.1' });
  await publish(registry, { name: 'many', version: '1.2.0' });
  const show = async () =>
    (await call(registry, '/v1/workflows/acme/many')).json as {
      channels: object;
      versions: { version: string }[];
    };
  expect((await show()).channels).toEqual({ latest: '1.10.0' });
  expect((await show()).versions.map((v) => v.version)).toEqual(['2.0.0-rc.1', '1.10.0', '1.9.0', '1.2.0']);
  await callJson(registry, 'PUT', '/v1/workflows/acme/many/1.10.0/deprecate', { reason: 'broken' });
  expect((await show()).channels).toEqual({ latest: '1.9.0' });
});

test('audit rows cannot be changed or removed', async () => {
  await expect(registry.db.updateTable('audit').set({ action: 'x' }).execute()).rejects.toThrow(
    /never changed/,
  );
  await expect(registry.db.deleteFrom('audit').execute()).rejects.toThrow(/never changed/);
});
