import { generateSigningKey } from '@sheaf/bundle';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FailpointName } from '../src/domain/failpoint.js';
import { benchOf, said, type KeyBench } from './support/keys.js';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import { call, callJson, openNamespace, publish, PUBLISHER } from './support/upload.js';

/* The log cannot append, as when a statement takes too long: nothing that it has not confirmed is told as a success. */
let reached: (name: FailpointName) => Promise<void>;
let registry: TestRegistry;
let bench: KeyBench;

beforeEach(async () => {
  reached = () => Promise.resolve();
  registry = await startTestRegistry({ failpoint: (name) => reached(name) });
  await openNamespace(registry);
  bench = benchOf(registry, 'acme');
  await publish(registry, { name: 'there' });
});
afterEach(() => registry.close());

function jam(): void {
  reached = (name) =>
    name === 'sequencer.before_append' ? Promise.reject(new Error('the disk is full')) : Promise.resolve();
}

async function endJam(): Promise<void> {
  reached = () => Promise.resolve();
  await registry.deps.logs.sweep();
}

async function leafTypes(): Promise<readonly string[]> {
  const rows = await registry.db.selectFrom('log_leaves').select('leaf').orderBy('index').execute();
  return rows.map((r) => (JSON.parse(r.leaf.toString()) as { type: string }).type);
}

const yank = () => callJson(registry, 'PUT', '/v1/workflows/acme/there/1.0.0/yank', { reason: 'broken' });
const key = generateSigningKey();

test.each([
  ['a yank', 'yank', '200 ok', yank],
  ['a key', 'key.add', '200 ok', () => bench.add(key, [PUBLISHER])],
  ['a revocation', 'key.revoke', '200 ok', () => bench.revoke(PUBLISHER.publicKey.id, [PUBLISHER])],
  ['a policy', 'ns.policy', '200 ok', () => bench.policy(1, [PUBLISHER])],
  ['a publish', 'publish', '200 ok', () => publish(registry, { name: 'fresh' })],
  [
    'a namespace',
    'ns.create',
    '200 ok',
    () => callJson(registry, 'POST', '/v1/namespaces', { name: 'second' }),
  ],
])('%s that the log has not confirmed is no success, asked twice or not', async (_, type, later, run) => {
  const before = await leafTypes();
  jam();
  expect(said(await run())).toBe('503 service.log_lagging');
  expect(said(await run())).toBe('503 service.log_lagging');
  expect(await leafTypes()).toEqual(before);
  await endJam();
  expect(said(await run())).toBe(later);
  expect(await leafTypes()).toEqual([...before, type]);
});

test('a policy is not decided upon while another waits for its place', async () => {
  await bench.add(key, [PUBLISHER]);
  jam();
  expect(said(await bench.policy(1, [PUBLISHER]))).toBe('503 service.log_lagging');
  expect(said(await bench.policy(2, [PUBLISHER, key]))).toBe('503 service.log_lagging');
  await endJam();
  expect((await leafTypes()).filter((type) => type === 'ns.policy')).toHaveLength(1);
  const { json } = await call(registry, '/v1/namespaces/acme');
  expect(json['threshold']).toBe(1);
});
