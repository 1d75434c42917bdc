import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openChannelWorkflow } from './support/channels.js';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import { buildUpload, call, callJson, countStored, openNamespace, publish } from './support/upload.js';

let registry: TestRegistry;

beforeAll(async () => {
  registry = await startTestRegistry();
  await openChannelWorkflow(registry, 'acme', 'deploy', ['1.0.0', '1.1.0', '2.0.0-rc.1']);
});
afterAll(() => registry.close());

const path = (channel: string, workflow = 'acme/deploy') => `/v1/workflows/${workflow}/channels/${channel}`;
const set = (channel: string, version: string, token?: string) =>
  callJson(registry, 'PUT', path(channel), { version }, token);
const remove = (channel: string) =>
  call(registry, path(channel), { method: 'DELETE', token: registry.ownerToken });
const channelsOfDocument = async () => (await call(registry, '/v1/workflows/acme/deploy')).json['channels'];

describe('a channel', () => {
  it('points at a version, is logged, and is in the document of the workflow', async () => {
    const answer = await set('beta', '2.0.0-rc.1');
    expect(answer.status).toBe(200);
    expect(answer.json['current']).toMatchObject({ version: '2.0.0-rc.1', mode: 'set', resolves: true });
    expect(await channelsOfDocument()).toEqual({ beta: '2.0.0-rc.1', latest: '1.1.0' });
    const leaf = await registry.db
      .selectFrom('log_leaves')
      .select('leaf')
      .orderBy('index', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    expect(JSON.parse(leaf.leaf.toString())).toMatchObject({
      type: 'channel.set',
      ns: 'acme',
      name: 'deploy',
      channel: 'beta',
      version: '2.0.0-rc.1',
    });
  });

  it('that is set to the same version again changes nothing and is a success', async () => {
    const before = await countStored(registry);
    expect((await set('beta', '2.0.0-rc.1')).status).toBe(200);
    expect(await countStored(registry)).toEqual(before);
  });

  it('keeps its history when it is moved and removed', async () => {
    await set('edge', '1.0.0');
    await set('edge', '1.1.0');
    const removed = await remove('edge');
    expect(removed.status).toBe(200);
    expect(removed.json['current']).toBeUndefined();
    const shown = await call(registry, path('edge'));
    const history = shown.json['history'] as { version?: string; logIndex: number }[];
    expect(history.map((move) => move.version)).toEqual([undefined, '1.1.0', '1.0.0']);
    const page = await call(registry, `${path('edge')}?limit=1`);
    const next = await call(registry, `${path('edge')}?limit=1&cursor=${String(page.json['nextCursor'])}`);
    expect((next.json['history'] as { version?: string }[])[0]?.version).toBe('1.1.0');
    expect((await channelsOfDocument()) as object).not.toHaveProperty('edge');
  });

  it('has to exist to be removed, and one that was removed is removed again without a leaf', async () => {
    expect((await remove('never')).json['code']).toBe('channel.not_found');
    await set('gone', '1.0.0');
    await remove('gone');
    const before = await countStored(registry);
    expect((await remove('gone')).status).toBe(200);
    expect(await countStored(registry)).toEqual(before);
  });

  it.each(['x', 'v1', 'v1-beta', '1.0', '1.0.0', 'Beta', 'a_b', 'sha256', 'a'.repeat(65), 'beta-'])(
    'is not called %s',
    async (name) => {
      const before = await countStored(registry);
      const answer = await set(encodeURIComponent(name), '1.0.0');
      expect([answer.status, answer.json['code']]).toEqual([422, 'channel.name_refused']);
      expect(await countStored(registry)).toEqual(before);
    },
  );

  it('points at no version that is not there, and at none that is yanked', async () => {
    const before = await countStored(registry);
    expect((await set('beta', '9.9.9')).json['code']).toBe('version.not_found');
    expect((await set('beta', 'one')).json['code']).toBe('request.invalid');
    expect(await countStored(registry)).toEqual(before);
    await publish(registry, { version: '0.1.0' });
    await callJson(registry, 'PUT', '/v1/workflows/acme/deploy/0.1.0/yank', { reason: 'broken' });
    expect((await set('beta', '0.1.0')).json['code']).toBe('state.conflict');
  });

  it('whose version is yanked later is shown as one that does not resolve', async () => {
    await publish(registry, { version: '1.2.0' });
    await set('canary', '1.2.0');
    await callJson(registry, 'PUT', '/v1/workflows/acme/deploy/1.2.0/yank', { reason: 'broken' });
    const list = (await call(registry, '/v1/workflows/acme/deploy/channels')).json['channels'] as {
      channel: string;
    }[];
    expect(list.find(({ channel }) => channel === 'canary')).toMatchObject({
      version: '1.2.0',
      state: 'yanked',
      resolves: false,
    });
  });

  it('is moved by maintainers alone', async () => {
    const stranger = await registry.addUser('stranger');
    expect((await set('beta', '1.0.0', stranger)).json['code']).toBe('auth.role_missing');
    expect((await call(registry, path('beta'), { method: 'PUT' })).json['code']).toBe('auth.required');
  });
});

describe('latest', () => {
  it('follows the highest stable version until it is set by hand, and again when that is removed', async () => {
    await openChannelWorkflow(registry, 'follow', 'deploy', ['1.0.0', '1.1.0']);
    const latest = async () => (await call(registry, path('latest', 'follow/deploy'))).json['current'];
    expect(await latest()).toMatchObject({ version: '1.1.0', mode: 'follows' });
    await callJson(registry, 'PUT', path('latest', 'follow/deploy'), { version: '1.0.0' });
    await publish(registry, { namespace: 'follow', version: '1.2.0' });
    expect(await latest()).toMatchObject({ version: '1.0.0', mode: 'set' });
    await call(registry, path('latest', 'follow/deploy'), { method: 'DELETE', token: registry.ownerToken });
    expect(await latest()).toMatchObject({ version: '1.2.0', mode: 'follows' });
  });
});

describe('channels of one workflow', () => {
  it('are 32 at most, also when they are set at the same time', async () => {
    await openChannelWorkflow(registry, 'many', 'deploy', ['1.0.0']);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        callJson(registry, 'PUT', path(`c${i}`, 'many/deploy'), { version: '1.0.0' }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(32);
    expect(answers.filter(({ json }) => json['code'] === 'channel.limit')).toHaveLength(8);
  });

  it('end where the last accepted move leads when many move one at once', async () => {
    await openChannelWorkflow(registry, 'race', 'deploy', ['1.0.0', '1.1.0']);
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        callJson(registry, 'PUT', path('hot', 'race/deploy'), { version: i % 2 === 0 ? '1.0.0' : '1.1.0' }),
      ),
    );
    const shown = (await call(registry, path('hot', 'race/deploy'))).json;
    const history = shown['history'] as { version: string; logIndex: number }[];
    expect(shown['current']).toMatchObject({
      version: history[0]?.version,
      logIndex: history[0]?.logIndex,
    });
    // Each move leads somewhere else: what changes nothing is not logged.
    for (const [i, move] of history.slice(1).entries()) expect(move.version).not.toBe(history[i]?.version);
  });
});

describe('a publish to a channel', () => {
  const publishTo = async (channel: string, version: string, token = registry.ownerToken) => {
    const { envelope, blob } = await buildUpload(registry, { namespace: 'direct', version });
    const form = new FormData();
    form.append('envelope', new Blob([Buffer.from(envelope)]), 'envelope.json');
    form.append('bundle', new Blob([Buffer.from(blob)]), 'bundle.tar.gz');
    return call(registry, `/v1/workflows?channel=${channel}`, { method: 'POST', body: form, token });
  };

  it('points it at the version, and the same sent again never leads it back from a higher one', async () => {
    await openNamespace(registry, 'direct');
    expect((await publishTo('beta', '1.0.0')).status).toBe(201);
    const current = async () => (await call(registry, path('beta', 'direct/deploy'))).json['current'];
    expect(await current()).toMatchObject({ version: '1.0.0' });
    expect((await publishTo('beta', '1.1.0')).status).toBe(201);
    expect(await current()).toMatchObject({ version: '1.1.0' });
    expect((await publishTo('beta', '1.0.0')).status).toBe(200);
    expect(await current()).toMatchObject({ version: '1.1.0' });
    expect(
      (await callJson(registry, 'PUT', path('beta', 'direct/deploy'), { version: '1.0.0' })).status,
    ).toBe(200);
    expect((await publishTo('beta', '1.1.0')).status).toBe(200);
    expect(await current()).toMatchObject({ version: '1.1.0' });
    // A new version of an older line is led there on purpose.
    expect((await publishTo('beta', '1.0.1')).status).toBe(201);
    expect(await current()).toMatchObject({ version: '1.0.1' });
  });

  it('stores nothing when the channel cannot be moved', async () => {
    const before = await countStored(registry);
    expect((await publishTo('v1', '2.0.0')).json['code']).toBe('channel.name_refused');
    const publisher = await registry.addUser('publisher', ['publish']);
    expect((await publishTo('beta', '2.0.0', publisher)).status).toBe(403);
    expect(await countStored(registry)).toEqual(before);
  });
});
