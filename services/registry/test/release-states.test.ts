import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { said } from './support/keys.js';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import {
  call,
  callJson,
  countStored,
  keyEvent,
  openNamespace,
  publish,
  PUBLISHER,
  sendKey,
  type Answer,
} from './support/upload.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
});
afterAll(() => registry.close());

const pathOf = (name: string, verb: string, version = '1.0.0') =>
  `/v1/workflows/acme/${name}/${version}/${verb}`;
const put = (name: string, verb: string, body: object = { reason: 'broken' }, token = registry.ownerToken) =>
  callJson(registry, 'PUT', pathOf(name, verb), body, token);
const back = (name: string, verb: string, token = registry.ownerToken) =>
  call(registry, pathOf(name, verb), { method: 'DELETE', token });

const found = async (name: string) =>
  ((await call(registry, `/v1/workflows?q=${name}`)).json['hits'] as { id: string }[]).map((h) => h.id);
const document = async (name: string) =>
  (await call(registry, `/v1/workflows/acme/${name}`)).json as {
    channels: { latest?: string };
    versions: { version: string; state: string; reason?: string }[];
  };

/** Every way to bytes of the bundle. */
async function bundlePaths(name: string): Promise<readonly string[]> {
  const { json } = await call(registry, `/v1/workflows/acme/${name}/1.0.0`);
  const views = ['download', 'plan', 'readme', 'files/workflow.toml'].map((view) => pathOf(name, view));
  return [`/v1/blobs/sha256/${(json['digest'] as string).slice('sha256:'.length)}`, ...views];
}

async function logged(run: () => Promise<Answer>): Promise<readonly [string, number]> {
  const before = await countStored(registry);
  const answer = await run();
  const after = await countStored(registry);
  return [said(answer), Number(after['log_leaves']) - Number(before['log_leaves'])];
}

describe('a yanked version', () => {
  test('is hidden from search and latest, is listed with its reason, and can still be had', async () => {
    await publish(registry, { name: 'pulled', version: '1.0.0' });
    await publish(registry, { name: 'pulled', version: '0.9.0' });
    const body = { reason: 'leaks a token', replacement: 'acme/pulled@0.9.0' };
    expect(await logged(() => put('pulled', 'yank', body))).toEqual(['200 ok', 1]);
    expect(await logged(() => put('pulled', 'yank', body))).toEqual(['200 ok', 0]);
    expect((await document('pulled')).channels).toEqual({ latest: '0.9.0' });
    expect((await document('pulled')).versions[0]).toMatchObject({
      version: '1.0.0',
      state: 'yanked',
      ...body,
    });
    expect(said(await call(registry, pathOf('pulled', 'download')))).toBe('200 ok');
    await callJson(registry, 'PUT', pathOf('pulled', 'yank', '0.9.0'), { reason: 'too' });
    expect(await found('pulled')).toEqual([]);
    expect((await document('pulled')).channels).toEqual({});
    expect(await logged(() => back('pulled', 'yank'))).toEqual(['200 ok', 1]);
    expect(await logged(() => back('pulled', 'yank'))).toEqual(['200 ok', 0]);
    expect(await found('pulled')).toEqual(['acme/pulled']);
  });
});

describe('a quarantined version', () => {
  test('is hidden and not handed out, while the log and what it names stay', async () => {
    await publish(registry, { name: 'infected' });
    const bundle = await bundlePaths('infected');
    // Held in memory by now, and given up all the same.
    for (const path of bundle) expect([path, said(await call(registry, path))]).toEqual([path, '200 ok']);
    expect(await logged(() => put('infected', 'quarantine', { reason: 'mines coins' }))).toEqual([
      '200 ok',
      1,
    ]);
    expect(await found('infected')).toEqual([]);
    for (const path of bundle)
      expect([path, said(await call(registry, path))]).toEqual([path, '403 state.quarantined']);
    for (const verb of ['receipt', 'standing', 'envelope', 'proof'])
      expect(said(await call(registry, pathOf('infected', verb)))).toBe('200 ok');
    for (const verb of ['deprecate', 'yank']) {
      expect(await logged(() => put('infected', verb))).toEqual(['409 state.conflict', 0]);
      expect(await logged(() => back('infected', verb))).toEqual(['409 state.conflict', 0]);
    }
    expect(await logged(() => back('infected', 'quarantine'))).toEqual(['200 ok', 1]);
    for (const path of bundle) expect([path, said(await call(registry, path))]).toEqual([path, '200 ok']);
  });

  test('is a matter for admins, whoever owns the namespace', async () => {
    const owner = await registry.addUser('ana');
    await callJson(registry, 'POST', '/v1/namespaces', { name: 'anas' }, owner);
    await publish(registry, { name: 'judged' });
    expect(await logged(() => put('judged', 'quarantine', { reason: 'x' }, owner))).toEqual([
      '403 auth.role_missing',
      0,
    ]);
    expect(await logged(() => back('judged', 'quarantine', owner))).toEqual(['403 auth.role_missing', 0]);
  });
});

test('each way back leads out of its own state only', async () => {
  await publish(registry, { name: 'turning' });
  await put('turning', 'deprecate');
  expect(await logged(() => back('turning', 'yank'))).toEqual(['409 state.conflict', 0]);
  await put('turning', 'yank');
  expect(await logged(() => back('turning', 'deprecate'))).toEqual(['409 state.conflict', 0]);
  expect(await logged(() => back('turning', 'quarantine'))).toEqual(['409 state.conflict', 0]);
});

test('what replaces a version is there for everybody who sees the version', async () => {
  await publish(registry, { name: 'old' });
  await publish(registry, { name: 'fresh' });
  await callJson(registry, 'POST', '/v1/namespaces', { name: 'vault', visibility: 'private' });
  await sendKey(registry, keyEvent(registry, 'vault', [PUBLISHER]));
  for (const version of ['1.0.0', '1.1.0'])
    await publish(registry, { namespace: 'vault', name: 'kept', version });
  for (const replacement of [
    'acme/none',
    'acme/fresh@9.9.9',
    'acme/old@1.0.0',
    'none/fresh',
    'vault/kept',
    'vault/kept@1.0.0',
  ])
    expect([replacement, await logged(() => put('old', 'deprecate', { reason: 'x', replacement }))]).toEqual([
      replacement,
      ['422 state.replacement_unknown', 0],
    ]);
  for (const replacement of ['acme/fresh', 'acme/fresh@1.0.0'])
    expect(await logged(() => put('old', 'deprecate', { reason: 'x', replacement }))).toEqual(['200 ok', 1]);
  for (const replacement of ['vault/kept@1.1.0', 'acme/fresh'])
    expect(
      said(
        await callJson(registry, 'PUT', '/v1/workflows/vault/kept/1.0.0/yank', { reason: 'x', replacement }),
      ),
    ).toBe('200 ok');
});

test('a yank takes a maintainer, a reason and a version that is there', async () => {
  await publish(registry, { name: 'guarded' });
  const someone = await registry.addUser('someone');
  expect(said(await put('guarded', 'yank', { reason: 'x' }, someone))).toBe('403 auth.role_missing');
  expect(said(await put('guarded', 'yank', {}))).toBe('400 request.invalid');
  expect(said(await put('guarded', 'yank', { reason: 'two\nlines' }))).toBe('400 request.invalid');
  expect(said(await call(registry, pathOf('guarded', 'yank'), { method: 'PUT' }))).toBe('401 auth.required');
  expect(said(await callJson(registry, 'PUT', pathOf('guarded', 'yank', '9.0.0'), { reason: 'x' }))).toBe(
    '404 version.not_found',
  );
});
