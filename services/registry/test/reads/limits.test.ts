import { afterEach, describe, expect, test } from 'vitest';
import { createRateLimiter } from '../../src/http/rate-limiter.js';
import type { Rates } from '../../src/http/rate-limit.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { callJson, openNamespace, publish } from '../support/upload.js';
import { ask } from './raw.js';

let registry: TestRegistry;
afterEach(() => registry.close());

async function startLimited(rates: Partial<Rates>): Promise<void> {
  registry = await startTestRegistry({
    rates: {
      limiter: createRateLimiter(() => 0),
      perAddress: undefined,
      perToken: () => undefined,
      perNamespace: () => undefined,
      trustedHops: 0,
      onLimited: () => undefined,
      ...rates,
    },
  });
}

const WORKFLOW = '/v1/workflows/acme/deploy';

describe('without a token', () => {
  test('requests are counted for the address, from memory or not, and refused beyond the limit', async () => {
    const limited: string[] = [];
    await startLimited({ perAddress: 6, onLimited: (kind) => limited.push(kind) });
    await openNamespace(registry);
    await publish(registry);
    for (const remaining of [5, 4, 3]) {
      const answer = await ask(registry, WORKFLOW);
      expect([answer.status, answer.headers['ratelimit-policy'], answer.headers['ratelimit']]).toEqual([
        200,
        '"address";q=6;w=60',
        `"address";r=${remaining};t=${(6 - remaining) * 10}`,
      ]);
    }
    const search = await ask(registry, '/v1/workflows?q=deploy');
    expect([search.status, search.headers['ratelimit']]).toEqual([200, '"address";r=0;t=60']);
    for (let time = 0; time < 2; time += 1) {
      const refused = await ask(registry, WORKFLOW);
      expect([refused.status, refused.headers['retry-after']]).toEqual([429, '10']);
      expect(JSON.parse(refused.body.toString())).toMatchObject({ code: 'rate.limited' });
    }
    expect(limited).toEqual(['address', 'address']);
    expect((await ask(registry, '/healthz')).status).toBe(200);
    // A token has a limit of its own.
    const headers = { Authorization: `Bearer ${registry.ownerToken}` };
    expect((await ask(registry, WORKFLOW, headers)).status).toBe(200);
  });

  test('behind a trusted proxy each client is counted for himself', async () => {
    await startLimited({ perAddress: 1, trustedHops: 1 });
    const from = (address: string) =>
      ask(registry, '/v1/tags', { 'X-Forwarded-For': `10.0.0.1, ${address}` });
    expect([(await from('203.0.113.1')).status, (await from('203.0.113.1')).status]).toEqual([200, 429]);
    expect([(await from('203.0.113.2')).status, (await from('2001:db8::1')).status]).toEqual([200, 200]);
    expect((await from('2001:db8::2')).status).toBe(429);
  });
});

test('with a token requests are counted for it', async () => {
  await startLimited({ perToken: () => 2 });
  const headers = { Authorization: `Bearer ${registry.ownerToken}` };
  const answers = [];
  for (let time = 0; time < 3; time += 1) answers.push(await ask(registry, '/v1/whoami', headers));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(answers[2]?.headers['ratelimit']).toBe('"token";r=0;t=60');
});

test('requests to a namespace are counted together where it has a limit', async () => {
  await startLimited({ perNamespace: (name) => (name === 'acme' ? 7 : undefined), trustedHops: 1 });
  await openNamespace(registry);
  const statuses = [];
  for (let time = 0; time < 9; time += 1) {
    const headers = { 'X-Forwarded-For': `203.0.113.${time}` };
    statuses.push((await ask(registry, '/v1/namespaces/acme', headers)).status);
  }
  expect([statuses.indexOf(429), statuses.at(-1)]).toEqual([7, 429]);
  expect((await ask(registry, '/v1/namespaces/other')).status).toBe(404);
});

test('a limit of a private namespace counts those who may read it, and tells strangers nothing', async () => {
  await startLimited({ perNamespace: (name) => (name === 'secret' ? 5 : undefined) });
  await callJson(registry, 'POST', '/v1/namespaces', { name: 'secret', visibility: 'private' });
  const stranger = { Authorization: `Bearer ${await registry.addUser('stranger')}` };
  const paths = ['/v1/namespaces/', '/v1/workflows/', '/log/', '/feed/'];
  const ends = ['', '/deploy', '/checkpoint', '.atom'];
  const asked = async (name: string, headers: Readonly<Record<string, string>>) => {
    const answers = [];
    for (const [i, path] of paths.entries())
      for (let time = 0; time < 3; time += 1) {
        const { status, headers: got } = await ask(registry, `${path}${name}${ends[i] ?? ''}`, headers);
        answers.push([status, got['retry-after'], got['ratelimit']]);
      }
    return answers;
  };
  for (const headers of [{}, stranger]) {
    const answers = await asked('secret', headers);
    expect(answers).toEqual(await asked('absent', headers));
    expect(new Set(answers.map(([status]) => status))).toEqual(new Set([404]));
  }
  const owner = { Authorization: `Bearer ${registry.ownerToken}` };
  const statuses = [];
  for (let time = 0; time < 6; time += 1)
    statuses.push((await ask(registry, '/v1/namespaces/secret', owner)).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
});

test('whether a private namespace has a limit is not even looked up for a stranger, who would notice', async () => {
  const asked: string[] = [];
  const perNamespace = (name: string) => {
    asked.push(name);
    return 100;
  };
  await startLimited({ perNamespace });
  await callJson(registry, 'POST', '/v1/namespaces', { name: 'secret', visibility: 'private' });
  const paths = ['/v1/namespaces/secret', '/v1/workflows/secret/deploy/1.0.0', '/log/secret/checkpoint'];
  for (const path of paths) expect([path, (await ask(registry, path)).status]).toEqual([path, 404]);
  const state = '/v1/workflows/secret/deploy/1.0.0/yank';
  expect((await ask(registry, state, {}, 'DELETE')).status).toBe(401);
  expect(asked).toEqual([]);
  const owner = { Authorization: `Bearer ${registry.ownerToken}` };
  await ask(registry, '/v1/namespaces/secret', owner);
  expect(asked).toEqual(['secret']);
});

test('changes of a state are counted for the namespace, before they are looked at', async () => {
  await startLimited({ perNamespace: (name) => (name === 'acme' ? 12 : undefined) });
  await openNamespace(registry);
  const owner = { Authorization: `Bearer ${registry.ownerToken}` };
  const path = '/v1/workflows/acme/deploy/1.0.0/yank';
  const statuses = [];
  for (const method of ['DELETE', 'DELETE', 'DELETE', 'PUT'])
    statuses.push((await ask(registry, path, owner, method)).status);
  expect(statuses).toEqual([404, 404, 429, 429]);
});

test('whoever signs in with a browser is told as a page, too, what was refused before anything was looked at', async () => {
  await startLimited({ perAddress: 1 });
  const page = async (path: string, Accept: string) => {
    const { status, headers } = await ask(registry, path, { Accept });
    expect(headers.vary).toContain('Accept');
    expect(headers['referrer-policy']).toBe('no-referrer');
    return [status, headers['content-type']];
  };
  const asked = '/auth/session?unknown=1';
  expect(await page(asked, 'text/html')).toEqual([400, 'text/html; charset=utf-8']);
  expect(await page(asked, 'text/html')).toEqual([429, 'text/html; charset=utf-8']);
  expect(await page(asked, '*/*')).toEqual([429, 'application/problem+json']);
  const elsewhere = await ask(registry, '/v1/tags', { Accept: 'text/html' });
  expect([elsewhere.status, elsewhere.headers['content-type']]).toEqual([429, 'application/problem+json']);
});

test('whoever tries many tokens is not listened to any more, and others are', async () => {
  await startLimited({ trustedHops: 1 });
  const attempt = (address: string) =>
    ask(registry, '/v1/whoami', {
      Authorization: `Bearer shf_0123456789abcdef_${'x'.repeat(43)}`,
      'X-Forwarded-For': address,
    });
  const statuses = [];
  for (let time = 0; time < 302; time += 1) statuses.push((await attempt('203.0.113.1')).status);
  expect([statuses.indexOf(429), statuses.at(-1)]).toEqual([300, 429]);
  expect((await attempt('203.0.113.2')).status).toBe(401);
  // Who shares a network with him is listened to all the same.
  const neighbour = { Authorization: `Bearer ${registry.ownerToken}`, 'X-Forwarded-For': '203.0.113.1' };
  expect((await ask(registry, '/v1/whoami', neighbour)).status).toBe(200);
  const headers = { Authorization: `Bearer ${registry.ownerToken}`, 'X-Forwarded-For': '203.0.113.2' };
  expect((await ask(registry, '/v1/whoami', headers)).status).toBe(200);
});

test('however many wrong tokens come from a network, one that was valid lately is looked at', async () => {
  const limiter = createRateLimiter(() => 0);
  await startLimited({ limiter });
  const headers = { Authorization: `Bearer ${registry.ownerToken}` };
  expect((await ask(registry, '/v1/whoami', headers)).status).toBe(200);
  limiter.take('look 127.0.0.1', 6_000, 6_000);
  expect((await ask(registry, '/v1/whoami', headers)).status).toBe(200);
  const other = await registry.addUser('somebody');
  const answer = await ask(registry, '/v1/whoami', { Authorization: `Bearer ${other}` });
  expect([answer.status, answer.headers.connection]).toEqual([429, 'close']);
});

test('a namespace is limited however its name is spelled, in the feed and with a limit of 0 too', async () => {
  await startLimited({ perNamespace: (name) => (name === 'acme' ? 0 : undefined) });
  await openNamespace(registry);
  for (const path of ['/v1/workflows/acme/deploy', '/v1/workflows/%61cme/deploy', '/feed/acme.atom']) {
    const answer = await ask(registry, path);
    expect([path, answer.status, answer.headers['retry-after']]).toEqual([path, 429, '60']);
  }
  for (const path of ['/V1/workflows/acme/deploy', '/v1/workflows/acme/deploy/', '/V1/workflows?q=x'])
    expect([path, (await ask(registry, path)).status]).toEqual([path, 404]);
});

test('unpacking a bundle costs its size, once', async () => {
  await startLimited({ perAddress: 2_000 });
  await openNamespace(registry);
  await publish(registry, {
    readme: { path: 'README.md', bytes: new Uint8Array(8 << 20).fill(97), executable: false },
  });
  const remaining = async () => {
    const { status, headers } = await ask(registry, '/v1/workflows/acme/deploy/1.0.0/files/workflow.toml');
    return [status, Number(/;r=(\d+)/.exec(String(headers['ratelimit']))?.[1])];
  };
  const [first, second] = [await remaining(), await remaining()];
  expect(first[0]).toBe(200);
  expect(first[1]).toBeLessThan(2_000 - 512);
  expect(second).toEqual([200, (first[1] ?? 0) - 1]);
});

test('looks at readiness share one look, and are limited', async () => {
  await startLimited({});
  const statuses: number[] = [];
  for (let i = 0; i < 602; i += 1) statuses.push((await ask(registry, '/readyz')).status);
  expect([statuses.indexOf(429), statuses.at(-1)]).toEqual([600, 429]);
});
