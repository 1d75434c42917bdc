import { afterAll, beforeAll, expect, test } from 'vitest';
import { noOperations } from '../../src/operations.js';
import { createRoutes } from '../../src/routes/index.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { call, openNamespace, publish } from '../support/upload.js';
import { describedAnswers, type DescribedAnswers } from './described.js';

/** Reads with headers and parameters that they have no use for. */
let registry: TestRegistry;
let described: DescribedAnswers;
let paths: readonly { readonly path: string; readonly access: string }[];

const VALUES: Readonly<Record<string, string>> = {
  namespace: 'acme',
  name: 'deploy',
  version: '1.0.0',
  path: 'README.md',
  channel: 'latest',
  realm: 'public',
  tile: '0/000.p/3',
  hex: 'a'.repeat(64),
  id: 'absent',
  index: '0',
};

beforeAll(async () => {
  registry = await startTestRegistry({
    operations: { ...noOperations, scrape: () => Promise.resolve('up 1\n') },
  });
  described = describedAnswers((await call(registry, '/openapi.json')).json);
  await openNamespace(registry);
  await publish(registry);
  paths = createRoutes(registry.deps)
    .filter(({ method }) => method === 'get')
    .map(({ path, operation }) => ({
      path: path.replace(/[:*]([A-Za-z]+)/g, (_, name: string) => VALUES[name] ?? ''),
      access: operation.access,
    }));
});
afterAll(() => registry.close());

/** What is wrong, by the description, with the answers to every read when it is asked so. */
async function faultsOf(init: RequestInit, query = ''): Promise<{ faults: string[]; statuses: Set<string> }> {
  const faults: string[] = [];
  const statuses = new Set<string>();
  for (const { path, access } of paths) {
    const answer = await call(registry, `${path}${query}`, { ...init, redirect: 'manual' });
    statuses.add(`${access} ${answer.status}`);
    const fault = described.fault('GET', path, answer);
    if (fault !== undefined) faults.push(`${path}: ${fault}`);
  }
  return { faults, statuses };
}

test.each(['Bearer shf_none', 'Basic eDp5', 'nonsense'])(
  'a read for everybody is answered whatever its Authorization is, and others refuse %j',
  async (Authorization) => {
    const { faults, statuses } = await faultsOf({ headers: { Authorization } });
    expect(faults).toEqual([]);
    expect([...statuses].filter((status) => status.endsWith(' 401')).sort()).toEqual([
      'readable 401',
      'signed-in 401',
    ]);
  },
);

test('a range that lies outside is refused by what has ranges, and all of the rest is sent', async () => {
  const { ownerToken } = registry;
  const headers = { Range: 'bytes=99999999-', Authorization: `Bearer ${ownerToken}` };
  const { faults, statuses } = await faultsOf({ headers });
  expect(faults).toEqual([]);
  expect([...statuses]).toEqual(expect.arrayContaining(['public 416', 'readable 416', 'signed-in 200']));
  for (const path of ['/healthz', '/readyz', '/metrics'])
    expect([path, (await call(registry, path, { headers })).status]).toEqual([path, 200]);
  expect(
    (await faultsOf({ headers: { Authorization: headers.Authorization, 'If-None-Match': '*' } })).faults,
  ).toEqual([]);
});

test('a parameter that an operation does not know is refused by all, but where a sign-in comes back', async () => {
  const { faults } = await faultsOf({ headers: { Authorization: `Bearer ${registry.ownerToken}` } }, '?x=1');
  expect(faults).toEqual([]);
  for (const { path } of paths.filter(
    (each) => each.path !== '/auth/callback' && each.path !== '/auth/login',
  )) {
    const { status, json } = await call(registry, `${path}?x=1`, { token: registry.ownerToken });
    expect([path, status, json['code']]).toEqual([path, 400, 'request.invalid']);
    expect(JSON.stringify(json['errors'])).toContain('?x');
  }
  const { json } = await call(registry, '/v1/workflows/acme/deploy/1.0.0/yank?x=1', {
    method: 'PUT',
    token: registry.ownerToken,
  });
  expect(json['code']).toBe('request.invalid');
});

test('the description of the API is compressed for who asks, each form with an entity tag of its own', async () => {
  const ask = (encoding: string) =>
    call(registry, '/openapi.json', { headers: { 'Accept-Encoding': encoding } });
  const [packed, plain] = [await ask('gzip'), await ask('identity')];
  expect([packed.headers.get('content-encoding'), plain.headers.get('content-encoding')]).toEqual([
    'gzip',
    null,
  ]);
  expect(packed.headers.get('vary')).toContain('Accept-Encoding');
  expect(packed.json).toEqual(plain.json);
  expect(packed.headers.get('etag')).not.toBe(plain.headers.get('etag'));
  expect(Number(packed.headers.get('content-length'))).toBeLessThan(plain.bytes.length / 4);
});
