import { encodeBase64, encodeEnvelope, hashLeaf, sha256Hex, spkiOf, type Envelope } from '@sheaf/bundle';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyAddEvent, signKeyEvent } from '../src/keys/events.js';
import { fetchKeyHistory } from '../src/keys/history.js';
import { changePolicy, registerFirstKey, registerKey, revokeKey } from '../src/keys/register.js';
import { rotateKey } from '../src/keys/rotate.js';
import { failure } from '../src/testing/failure.js';
import { createTestLog, testKey } from '../src/testing/test-log.js';
import { ORIGIN } from '../src/testing/test-registry.js';
import { openTrustStore } from '../src/trust-store.js';
import { temporaryFolder } from './support/folder.js';
import { createKeyRegistry, losing } from './support/key-registry.js';

async function setUp() {
  const registry = createKeyRegistry();
  const { client, namespace, log } = registry;
  const trust = await openTrustStore(join(await temporaryFolder(), 'trust'));
  await trust.pin({ url: client.url, origin: ORIGIN, logKey: log.logKey });
  const [from, to] = [testKey(1), testKey(2)];
  const target = { client, origin: ORIGIN, namespace };
  await registerFirstKey({ ...target, key: from });
  return { ...registry, trust, from, to, target };
}

describe('fetchKeyHistory', () => {
  it('tells who added and revoked which key, and how many must sign', async () => {
    const { target, client, namespace, trust, from, to } = await setUp();
    await registerKey({ ...target, key: to, endorsers: [from] });
    await changePolicy({ ...target, threshold: 2, replaces: undefined, signers: [from, to] });
    await revokeKey({
      ...target,
      keyid: from.publicKey.id,
      revocation: { reason: 'superseded' },
      signers: [from],
    });
    const history = await fetchKeyHistory({ client, trust, namespace });
    expect(history).toMatchObject({
      threshold: 2,
      policyIndex: 3,
      keys: [
        { keyid: from.publicKey.id, addedAt: 1, isFirst: true, revoked: { index: 4, reason: 'superseded' } },
        { keyid: to.publicKey.id, addedAt: 2, by: [to.publicKey.id, from.publicKey.id], recovery: false },
      ],
    });
  });

  it('refuses a leaf that the log does not hold', async () => {
    const { client, namespace, trust } = await setUp();
    const lying: typeof client = {
      ...client,
      getNamespaceKeys: async () => {
        const { events, checkpoint } = await client.getNamespaceKeys(namespace);
        return { checkpoint, events: events.map((event) => ({ ...event, index: event.index - 1 })) };
      },
    };
    await expect(fetchKeyHistory({ client: lying, trust, namespace })).rejects.toMatchObject({
      code: 'proof.inclusion',
    });
  });

  it('refuses who vouched for a key when only the log says so', async () => {
    const { client, namespace, trust, log, target, from, to } = await setUp();
    const fork = log.fork(log.size());
    const mine = signKeyEvent(keyAddEvent({ registry: ORIGIN, namespace }, to.publicKey), [to]);
    // Whoever has the log's key, and none of the publisher's, writes that the publisher's key signed too.
    const index = fork.append({
      v: 1,
      seq: 2,
      prev: Buffer.from(hashLeaf(fork.leaf(1))).toString('hex'),
      t: 1_800_000_000,
      ns: namespace,
      type: 'key.add',
      keyid: to.publicKey.id,
      key: encodeBase64(spkiOf(to.publicKey)),
      by: [to.publicKey.id, from.publicKey.id],
      event: sha256Hex(encodeEnvelope(mine)),
    });
    const honest = (await client.getNamespaceKeys(namespace)).events[0];
    const [first, forged] = [await fork.logged(1), await fork.logged(index)];
    const answering = (envelope?: Envelope): typeof client => ({
      ...client,
      getNamespaceKeys: () =>
        Promise.resolve({
          events: [{ ...honest, ...first }, envelope === undefined ? forged : { ...forged, envelope }],
          checkpoint: fork.checkpoint(),
        }),
    });
    for (const envelope of [undefined, mine, honest?.envelope]) {
      await expect(fetchKeyHistory({ client: answering(envelope), trust, namespace })).rejects.toMatchObject({
        code: 'key.unauthorised',
      });
    }
    await registerKey({ ...target, key: to, endorsers: [from] });
    expect((await fetchKeyHistory({ client, trust, namespace })).keys).toHaveLength(2);
  });

  it('refuses a log of another key, and one that goes back behind what was seen', async () => {
    const { client, namespace, trust, log, target, from, to } = await setUp();
    const old = await client.getNamespaceKeys(namespace);
    await registerKey({ ...target, key: to, endorsers: [from] });
    await trust.advance(await trust.getPin(client.url), log.checkpoint());
    const behind = { ...client, getNamespaceKeys: () => Promise.resolve(old) };
    await failure(fetchKeyHistory({ client: behind, trust, namespace }), 'log.rollback');

    const { checkpoint } = {
      checkpoint: createTestLog({ origin: log.origin, key: testKey(66) }).checkpoint(),
    };
    const other = { ...client, getNamespaceKeys: () => Promise.resolve({ events: [], checkpoint }) };
    await expect(fetchKeyHistory({ client: other, trust, namespace })).rejects.toMatchObject({
      code: 'log.key_unknown',
    });
  });

  it('refuses a log that forked from what was seen', async () => {
    const { client, namespace, trust, log, target, from, to } = await setUp();
    const fork = log.fork(1);
    fork.append(log.leaf(0));
    fork.append(log.leaf(1));
    fork.append(log.leaf(1));
    await trust.advance(await trust.getPin(client.url), fork.checkpoint());
    await registerKey({ ...target, key: to, endorsers: [from] });
    await registerKey({ ...target, key: testKey(3), endorsers: [from] });
    await failure(fetchKeyHistory({ client, trust, namespace }), 'log.fork');
  });
});

describe('rotateKey', () => {
  it('adds the new key, and then revokes the old one as superseded', async () => {
    const { client, namespace, trust, from, to, types } = await setUp();
    const steps: string[] = [];
    const onStep = (step: string) => steps.push(step);
    const { added, revoked, history } = await rotateKey({
      client,
      trust,
      namespace,
      origin: ORIGIN,
      from,
      to,
      onStep,
    });
    expect([added, revoked, steps]).toEqual(['now', 'now', ['added', 'revoked']]);
    expect(types()).toEqual(['key.add', 'key.add', 'key.revoke']);
    expect(history.keys.map((key) => key.revoked?.reason)).toEqual(['superseded', undefined]);
  });

  it('ends the same wherever it was cut short, when it is repeated', async () => {
    for (const when of ['before', 'after'] as const) {
      for (let at = 0; at < 5; at++) {
        const { client, namespace, trust, from, to, types } = await setUp();
        const request = { client, trust, namespace, origin: ORIGIN, from, to };
        await failure(rotateKey({ ...request, client: losing(client, at, when) }), 'network.unreachable');
        const { history } = await rotateKey(request);
        expect(history.keys.map((key) => key.revoked?.reason)).toEqual(['superseded', undefined]);
        expect(types(), `${when} ${at}`).toEqual(['key.add', 'key.add', 'key.revoke']);
      }
    }
  });

  it('asks once before anything is changed, and not where all is done', async () => {
    const { client, namespace, trust, from, to, types } = await setUp();
    const request = { client, trust, namespace, origin: ORIGIN, from, to };
    const no = () => Promise.reject(new Error('no'));
    await expect(rotateKey({ ...request, beforeChange: no })).rejects.toThrow('no');
    expect(types()).toEqual(['key.add']);
    let asked = 0;
    await rotateKey({
      ...request,
      beforeChange: () => {
        asked++;
        return Promise.resolve();
      },
    });
    await rotateKey({ ...request, beforeChange: no });
    expect(asked).toBe(1);
  });

  it('leaves the old key alone when the log does not show the new one', async () => {
    const { client, namespace, trust, from, to, types } = await setUp();
    const old = await client.getNamespaceKeys(namespace);
    const hiding = { ...client, getNamespaceKeys: () => Promise.resolve(old) };
    const request = { client: hiding, trust, namespace, origin: ORIGIN, from, to };
    await failure(rotateKey(request), 'log.unproven');
    expect(types()).toEqual(['key.add', 'key.add']);
  });

  it('adds nothing when more keys must endorse the new one', async () => {
    const { client, namespace, trust, from, to, target, types } = await setUp();
    await registerKey({ ...target, key: testKey(3), endorsers: [from] });
    await changePolicy({ ...target, threshold: 2, replaces: undefined, signers: [from, testKey(3)] });
    const request = { client, trust, namespace, origin: ORIGIN, from, to };
    await failure(rotateKey(request), 'key.threshold');
    expect(types()).toHaveLength(3);
    expect((await rotateKey({ ...request, endorsers: [testKey(3)] })).added).toBe('now');
  });

  it('refuses keys that cannot be rotated', async () => {
    const { client, namespace, trust, from, to, target } = await setUp();
    const request = { client, trust, namespace, origin: ORIGIN };
    await failure(rotateKey({ ...request, from, to: from }), 'key.exists');
    await failure(rotateKey({ ...request, from: testKey(9), to }), 'key.unauthorised');
    await revokeKey({
      ...target,
      keyid: from.publicKey.id,
      revocation: { reason: 'superseded' },
      signers: [from],
    });
    await failure(rotateKey({ ...request, from, to }), 'key.revoked');
    await failure(rotateKey({ ...request, from: to, to: from }), 'key.revoked');
  });
});
