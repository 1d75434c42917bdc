import { proveKeyHistory, generateSigningKey, parseLeaf, type SigningKey } from '@sheaf/bundle';
import { parseNamespace } from '@sheaf/workflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBench, recoveryToken, said } from './support/keys.js';
import { provenEvents, standingOf } from './support/standing.js';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import { buildUpload, call, callJson, send } from './support/upload.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
});
afterAll(() => registry.close());

async function publish(namespace: string, version: string, keys: readonly SigningKey[]): Promise<number> {
  const answer = await send(registry, await buildUpload(registry, { namespace, version }, keys));
  if (answer.status !== 201) throw new Error(said(answer));
  const { json } = await call(registry, `/v1/workflows/${namespace}/deploy/${version}`);
  return Number(json['logIndex']);
}

const two = async (namespace: string) => {
  const { bench, keys } = await openBench(registry, namespace, 2);
  const [a, b] = keys;
  if (!a || !b) throw new Error('there are not two keys');
  return { bench, a, b };
};

test('a release that nothing happened to has an empty standing, which is asked for anew', async () => {
  const { a } = await two('calm');
  await publish('calm', '1.0.0', [a]);
  expect(await standingOf(registry, 'calm/deploy/1.0.0')).toEqual({
    state: 'active',
    threshold: 1,
    revocations: [],
  });
  const path = '/v1/workflows/calm/deploy/1.0.0/standing';
  const answer = await call(registry, path);
  expect(answer.headers.get('content-type')).toContain('application/vnd.sheaf.standing.v1+json');
  expect(answer.headers.get('cache-control')).toBe('public, no-cache');
  const again = await call(registry, path, {
    headers: { 'If-None-Match': answer.headers.get('etag') ?? '' },
  });
  expect(again.status).toBe(304);
});

test('a superseded key leaves what it signed, a compromised one what it signed before', async () => {
  const { bench, a, b } = await two('broken');
  await publish('broken', '1.0.0', [a]);
  await publish('broken', '1.1.0', [b]);
  const stolenAt = await publish('broken', '1.2.0', [b]);
  const token = await recoveryToken(registry);
  const stolen = { reason: 'compromised', fromIndex: stolenAt, token } as const;
  expect(said(await bench.revoke(b.publicKey.id, [a], stolen))).toBe('201 ok');
  expect(said(await bench.revoke(a.publicKey.id, [a]))).toBe('201 ok');
  expect(await standingOf(registry, 'broken/deploy/1.0.0')).toMatchObject({
    revocations: [{ keyid: a.publicKey.id, reason: 'superseded' }],
  });
  expect(await standingOf(registry, 'broken/deploy/1.1.0')).toMatchObject({
    revocations: [{ keyid: b.publicKey.id, reason: 'compromised', fromIndex: stolenAt }],
  });
  expect(await standingOf(registry, 'broken/deploy/1.2.0')).toBe('key.revoked');
});

test('a release is held to the policy that was in force when it was published', async () => {
  const { bench, a, b } = await two('strict');
  await publish('strict', '1.0.0', [a]);
  await bench.policy(2, [a, b]);
  await publish('strict', '1.1.0', [a, b]);
  const [policy] = await provenEvents(registry, '/v1/workflows/strict/deploy/1.1.0/standing');
  await bench.policy(1, [a, b], { replaces: policy?.index ?? -1 });
  await publish('strict', '1.2.0', [b]);
  const standings = ['1.0.0', '1.1.0', '1.2.0'].map((v) => standingOf(registry, `strict/deploy/${v}`));
  expect(await Promise.all(standings)).toMatchObject([
    { threshold: 1 },
    { threshold: 2, policyIndex: policy?.index },
    { threshold: 1 },
  ]);
});

test('the newest state is told with its proof, also after a way back', async () => {
  const { a } = await two('moody');
  await publish('moody', '1.0.0', [a]);
  const path = '/v1/workflows/moody/deploy/1.0.0';
  const steps = [
    ['PUT', 'deprecate', 'deprecated'],
    ['PUT', 'yank', 'yanked'],
    ['DELETE', 'yank', 'active'],
    ['PUT', 'quarantine', 'quarantined'],
    ['DELETE', 'quarantine', 'active'],
  ] as const;
  for (const [method, verb, state] of steps) {
    const answer =
      method === 'PUT'
        ? await callJson(registry, method, `${path}/${verb}`, { reason: `because of ${verb}` })
        : await call(registry, `${path}/${verb}`, { method, token: registry.ownerToken });
    expect(said(answer)).toBe('200 ok');
    const standing = await standingOf(registry, 'moody/deploy/1.0.0');
    expect(standing).toMatchObject({
      state,
      ...(method === 'PUT' && { reason: `because of ${verb}` }),
    });
    expect(await provenEvents(registry, `${path}/standing`)).toHaveLength(1);
  }
});

test('the key history of a namespace folds, with every kind of event and across tiles', async () => {
  const { bench, a, b } = await two('storied');
  await bench.policy(2, [a, b]);
  // More than one tile of leaves lies between the first key and the last.
  await registry.db.transaction().execute(async (trx) => {
    for (let i = 0; i < 300; i += 1) {
      const { id } = await trx
        .insertInto('namespaces')
        .values({ name: `filler-${i}`, created_by: 1 })
        .returning('id')
        .executeTakeFirstOrThrow();
      const audit = await trx
        .insertInto('audit')
        .values({ action: 'namespace.create', detail: '{}' })
        .returning('id')
        .executeTakeFirstOrThrow();
      await trx
        .insertInto('log_queue')
        .values({
          realm: 'public',
          namespace: `filler-${i}`,
          leaf: JSON.stringify({ type: 'ns.create', ns: `filler-${i}` }),
          subject_kind: 'namespace',
          subject_id: id,
          audit_id: audit.id,
        })
        .execute();
    }
  });
  const c = generateSigningKey();
  expect(said(await bench.add(c, [a, b]))).toBe('201 ok');
  expect(said(await bench.revoke(a.publicKey.id, [a]))).toBe('201 ok');
  const d = generateSigningKey();
  const token = await recoveryToken(registry);
  expect(said(await bench.add(d, [], { recovery: true, token }))).toBe('201 ok');
  const e = generateSigningKey();
  expect(said(await bench.revoke(b.publicKey.id, [d], { recovery: true, token }))).toBe('201 ok');
  expect(said(await bench.add(e, [c, d]))).toBe('201 ok');

  const events = await provenEvents(registry, '/v1/namespaces/storied/keys');
  const types = events.map((event) => parseLeaf(event.leaf).type);
  expect(types).toEqual([
    'key.add',
    'key.add',
    'ns.policy',
    'key.add',
    'key.revoke',
    'key.add',
    'key.revoke',
    'key.add',
  ]);
  // Nothing of it is the registry's word: every key that a leaf names has signed the event that comes with it.
  const history = proveKeyHistory(events, {
    registry: registry.deps.origin,
    namespace: parseNamespace('storied'),
  });
  expect(history.threshold).toBe(2);
  expect(history.keys.map((k) => [k.keyid, k.isFirst, k.recovery, k.revoked !== undefined])).toEqual([
    [a.publicKey.id, true, false, true],
    [b.publicKey.id, false, false, true],
    [c.publicKey.id, false, false, false],
    [d.publicKey.id, false, true, false],
    [e.publicKey.id, false, false, false],
  ]);
  const document = await bench.document();
  expect(document.keys.map((k) => [k.id, k.logIndex, k.revoked?.logIndex])).toEqual(
    history.keys.map((k) => [k.keyid, k.addedAt, k.revoked?.index]),
  );
});

test('a private namespace keeps its history and standings to its members', async () => {
  await callJson(registry, 'POST', '/v1/namespaces', { name: 'hidden', visibility: 'private' });
  const { a } = await two('hidden');
  await send(registry, await buildUpload(registry, { namespace: 'hidden' }, a));
  for (const [path, code] of [
    ['/v1/namespaces/hidden/keys', 'namespace.not_found'],
    ['/v1/workflows/hidden/deploy/1.0.0/standing', 'workflow.not_found'],
  ] as const) {
    expect(said(await call(registry, path))).toBe(`404 ${code}`);
    const member = await call(registry, path, { token: registry.ownerToken });
    expect([member.status, member.headers.get('cache-control')]).toEqual([200, 'private, no-store']);
  }
  expect(await provenEvents(registry, '/v1/namespaces/hidden/keys')).toHaveLength(2);
});

test('what is not there has no standing', async () => {
  for (const [path, code] of [
    ['/v1/namespaces/nobody/keys', 'namespace.not_found'],
    ['/v1/workflows/calm/deploy/9.9.9/standing', 'version.not_found'],
    ['/v1/workflows/calm/nothing/1.0.0/standing', 'workflow.not_found'],
  ] as const)
    expect(said(await call(registry, path))).toBe(`404 ${code}`);
});
