import { generateSigningKey, type SigningKey } from '@sheaf/bundle';
import { SignedReleasesSchema, VersionSummarySchema } from '@sheaf/client/contract';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openBench, said, type KeyBench } from './support/keys.js';
import { standingOf } from './support/standing.js';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import { buildUpload, call, callJson, send } from './support/upload.js';

let registry: TestRegistry;
let bench: KeyBench;
let keys: readonly SigningKey[];
let namespace: string;
let count = 0;
/** Of an owner with fresh authentication. */
let token: string;
beforeAll(async () => {
  registry = await startTestRegistry();
  const request = { name: 'stolen', scopes: ['key', 'recovery'] };
  token = String((await callJson(registry, 'POST', '/v1/tokens', request)).json['token']);
});
afterAll(() => registry.close());
beforeEach(async () => {
  namespace = `team-${++count}`;
  ({ bench, keys } = await openBench(registry, namespace, 2));
});

interface Listed {
  readonly version: string;
  readonly state: string;
  readonly logIndex: number;
  readonly revoked?: { readonly logIndex: number; readonly keyid: string; readonly reason: string };
}
const key = (n: number): SigningKey => keys[n] ?? generateSigningKey();
const release = async (version: string, by: SigningKey) =>
  send(registry, await buildUpload(registry, { namespace, name: 'deploy', version }, by));
const document = async () =>
  (await call(registry, `/v1/workflows/${namespace}/deploy`)).json as {
    channels: { latest?: string };
    versions: Listed[];
  };
const indexOf = async (version: string) =>
  (await document()).versions.find((v) => v.version === version)?.logIndex ?? NaN;
const marks = async () =>
  (await document()).versions.map(({ version, revoked }) => [version, revoked?.reason ?? 'stands']);
const found = async () =>
  ((await call(registry, `/v1/workflows?owner=${namespace}`)).json['hits'] as { version: string }[]).map(
    (hit) => hit.version,
  );
const signed = async (by: SigningKey, fromIndex = 0) => {
  const path = `/v1/namespaces/${namespace}/releases?keyid=${by.publicKey.id}&fromIndex=${fromIndex}`;
  const { json } = await call(registry, path);
  expect(TypeCompiler.Compile(SignedReleasesSchema).Check(json)).toBe(true);
  return json as unknown as { total: number; releases: { id: string; version: string; state: string }[] };
};

describe('a release whose key is revoked as compromised', () => {
  beforeEach(async () => {
    await release('1.0.0', key(0));
    await release('1.1.0', key(1));
    await release('1.2.0', key(1));
  });

  test('is marked, and latest and search move to one that stands', async () => {
    expect((await document()).channels).toEqual({ latest: '1.2.0' });
    const fromIndex = await indexOf('1.1.0');
    const answer = await bench.revoke(key(1).publicKey.id, [key(0)], {
      token,
      reason: 'compromised',
      fromIndex,
    });
    expect(said(answer)).toBe('201 ok');
    expect(await marks()).toEqual([
      ['1.2.0', 'compromised'],
      ['1.1.0', 'compromised'],
      ['1.0.0', 'stands'],
    ]);
    expect((await document()).channels).toEqual({ latest: '1.0.0' });
    expect(await found()).toEqual(['1.0.0']);
    const one = (await call(registry, `/v1/workflows/${namespace}/deploy/1.2.0`)).json as unknown as Listed;
    expect(one.revoked).toEqual({
      logIndex: (await bench.document()).keys[1]?.revoked?.logIndex,
      keyid: key(1).publicKey.id,
      reason: 'compromised',
    });
    expect(one.state).toBe('active');
    expect(TypeCompiler.Compile(VersionSummarySchema).Check(one)).toBe(true);
  });

  test('is what those who verify refuse, and nothing else is', async () => {
    const fromIndex = await indexOf('1.2.0');
    await bench.revoke(key(1).publicKey.id, [key(0)], { token, reason: 'compromised', fromIndex });
    for (const { version, revoked } of (await document()).versions) {
      const verdict = await standingOf(registry, `${namespace}/deploy/${version}`);
      if (revoked) expect(verdict).toBe('key.revoked');
      else expect(verdict).toMatchObject({ state: 'active' });
    }
    expect(await marks()).toEqual([
      ['1.2.0', 'compromised'],
      ['1.1.0', 'stands'],
      ['1.0.0', 'stands'],
    ]);
  });

  test('stays refused by the first revocation when a stricter one refuses more', async () => {
    await bench.revoke(key(1).publicKey.id, [key(0)]);
    expect((await document()).channels).toEqual({ latest: '1.2.0' });
    const last = await indexOf('1.2.0');
    await bench.revoke(key(1).publicKey.id, [key(0)], { token, reason: 'compromised', fromIndex: last });
    const before = (await document()).versions[0]?.revoked;
    expect((await document()).channels).toEqual({ latest: '1.1.0' });
    await bench.revoke(key(1).publicKey.id, [key(0)], { token, reason: 'compromised', fromIndex: last - 1 });
    const [newest, middle, oldest] = (await document()).versions;
    expect(newest?.revoked).toEqual(before);
    expect(middle?.revoked?.logIndex).toBeGreaterThan(before?.logIndex ?? NaN);
    expect(oldest?.revoked).toBeUndefined();
    expect((await document()).channels).toEqual({ latest: '1.0.0' });
  });

  test('leaves nothing to be found when no other is left, and a state that is taken back does not bring it back', async () => {
    const yank = `/v1/workflows/${namespace}/deploy/1.0.0/yank`;
    await callJson(registry, 'PUT', yank, { reason: 'old' });
    const pull = `/v1/workflows/${namespace}/deploy/1.2.0/yank`;
    await callJson(registry, 'PUT', pull, { reason: 'leaks' });
    await bench.revoke(key(1).publicKey.id, [key(0)], { token, reason: 'compromised', fromIndex: 0 });
    expect(await found()).toEqual([]);
    expect((await document()).channels).toEqual({});
    await call(registry, pull, { method: 'DELETE', token: registry.ownerToken });
    expect(await found()).toEqual([]);
    await call(registry, yank, { method: 'DELETE', token: registry.ownerToken });
    expect(await found()).toEqual(['1.0.0']);
  });
});

describe('GET /v1/namespaces/{namespace}/releases', () => {
  test('lists what a key signed from an index on, hidden or not, until a revocation refuses it', async () => {
    await release('1.0.0', key(1));
    await release('1.1.0', key(1));
    await release('1.2.0', key(0));
    await callJson(registry, 'PUT', `/v1/workflows/${namespace}/deploy/1.1.0/yank`, { reason: 'leaks' });
    expect(await signed(key(1))).toMatchObject({
      total: 2,
      releases: [
        { id: `${namespace}/deploy`, version: '1.0.0', state: 'active' },
        { id: `${namespace}/deploy`, version: '1.1.0', state: 'yanked' },
      ],
    });
    const fromIndex = await indexOf('1.1.0');
    expect((await signed(key(1), fromIndex)).releases).toHaveLength(1);
    await bench.revoke(key(1).publicKey.id, [key(0)], { token, reason: 'compromised', fromIndex });
    expect((await signed(key(1))).releases.map((r) => r.version)).toEqual(['1.0.0']);
    expect((await signed(generateSigningKey())).total).toBe(0);
  });

  test.each([
    ['', 'keyid'],
    ['?keyid=abc', 'keyid'],
    [`?keyid=${'a'.repeat(64)}&fromIndex=-1`, 'fromIndex'],
    [`?keyid=${'a'.repeat(64)}&limit=5`, 'limit'],
  ])('refuses %j', async (query, name) => {
    const answer = await call(registry, `/v1/namespaces/${namespace}/releases${query}`);
    expect(said(answer)).toBe('400 request.invalid');
    expect(answer.json['errors']).toMatchObject([{ pointer: `?${name}` }]);
  });
});
