import type { KeyId, Standing } from '@sheaf/bundle';
import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { testKey } from './testing/test-log.js';
import { createTestRegistry, type TestRegistry } from './testing/test-registry.js';
import { failsAt, freshnessOf, requestFor } from './testing/verifying.js';
import { findSoundPart, keepStandings } from './verification-standing.js';
import { verifyWorkflow } from './verify.js';

const NS = parseNamespace('acme');
const EVENT = '0'.repeat(64);

function revoke(registry: TestRegistry, keyid: KeyId, compromisedFrom?: number): number {
  const why =
    compromisedFrom === undefined
      ? ({ reason: 'superseded' } as const)
      : ({ reason: 'compromised', fromIndex: compromisedFrom } as const);
  return registry.append({ type: 'key.revoke', ns: NS, keyid, ...why, by: [keyid], event: EVENT });
}

function setState(registry: TestRegistry, type: 'yank' | 'deprecate', version = '1.0.0'): number {
  const release = { ns: NS, name: parseWorkflowName('deploy'), version: parseVersion(version) };
  return registry.append({ type, ...release, reason: 'broken' });
}

describe('a revoked key', () => {
  it('refuses what it published from the index on that the revocation names', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const at = revoke(registry, registry.key.publicKey.id, published.receipt.publish.index);
    const standings = [await registry.standing(at)];
    await failsAt('signer', 'key.revoked', requestFor(registry, published, { standings }));
  });

  it('does not refuse what it published before', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const later = revoke(registry, registry.key.publicKey.id, published.receipt.publish.index + 1);
    const { standing } = await verifyWorkflow(
      requestFor(registry, published, { standings: [await registry.standing(later)] }),
    );
    expect(standing.revocations).toMatchObject([{ index: later, reason: 'compromised' }]);
  });

  it('refuses what it published after it was superseded', async () => {
    const registry = createTestRegistry();
    const at = revoke(registry, registry.key.publicKey.id);
    const published = await registry.publish();
    const standings = [await registry.standing(at)];
    await failsAt('signer', 'key.revoked', requestFor(registry, published, { standings }));
  });
});

describe('a threshold', () => {
  it('refuses a release with fewer signatures than the policy in force asked for', async () => {
    const registry = createTestRegistry();
    const second = registry.addKey(testKey(8));
    const by = [registry.key.publicKey.id, testKey(8).publicKey.id].sort();
    const policy = registry.append({ type: 'ns.policy', ns: NS, threshold: 2, by, event: EVENT });
    const one = await registry.publish('acme/deploy', '1.0.0');
    const standings = [await registry.standing(policy)];
    await failsAt('signer', 'signature.threshold', requestFor(registry, one, { standings }));
    const pairs = [[registry.key, 1] as const, [testKey(8), second] as const];
    const signers = pairs.sort(([a], [b]) => (a.publicKey.id < b.publicKey.id ? -1 : 1));
    const two = await registry.publish('acme/deploy', '1.1.0', { signers });
    const verified = await verifyWorkflow(
      requestFor(registry, two, { standings: [await registry.standing(policy)] }),
    );
    expect(verified.standing).toMatchObject({ threshold: 2, policyIndex: policy });
  });
});

describe('what was proven', () => {
  it('stays a fact when the registry no longer tells it', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const at = revoke(registry, registry.key.publicKey.id, 0);
    const cached = await registry.standing(at);
    registry.grow(3);
    const standings = [await registry.standing(), cached];
    const { freshness } = freshnessOf(registry);
    await failsAt('signer', 'key.revoked', requestFor(registry, published, { standings, freshness }));
  });

  it('is kept in as few documents as prove it, the newest first', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const deprecated = setState(registry, 'deprecate');
    const old = await registry.standing(deprecated);
    const revoked = revoke(registry, registry.key.publicKey.id);
    const yanked = setState(registry, 'yank');
    const middle = await registry.standing(revoked);
    const recent = await registry.standing(yanked);
    const { standing, standings } = await verifyWorkflow(
      requestFor(registry, published, { standings: [old, recent, middle] }),
    );
    expect(standing).toMatchObject({ state: 'yanked', reason: 'broken', stateIndex: yanked });
    expect(standings.flatMap(({ events }) => events.map(({ index }) => index)).sort()).toEqual(
      [revoked, yanked].sort(),
    );
    expect(standings).not.toContainEqual(old);
  });

  it('is kept when any number of harmless revocations came after it', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const { leaf } = await verifyWorkflow(requestFor(registry, published));
    const publish = { index: published.receipt.publish.index, leaf };
    const keyid = registry.key.publicKey.id;
    const refusing = revoke(registry, keyid, 0);
    let kept = [await registry.standing(refusing)];
    for (let i = 0; i < 20; i++)
      kept = [...keepStandings([await registry.standing(revoke(registry, keyid)), ...kept], publish)];
    expect(kept.flatMap(({ events }) => events.map(({ index }) => index))).toEqual([refusing]);
    await failsAt('signer', 'key.revoked', requestFor(registry, published, { standings: kept }));
  });

  it('is refused when the log does not hold it, another log does, or it is about something else', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const at = setState(registry, 'yank');
    const other = setState(registry, 'yank', '9.9.9');
    const honest = await registry.standing(at);
    const moved: Standing = { ...honest, events: honest.events.map((e) => ({ ...e, index: 0 })) };
    await failsAt('log', 'proof.inclusion', requestFor(registry, published, { standings: [moved] }));
    const standings = [await registry.standing(other)];
    await failsAt('signer', 'leaf.mismatch', requestFor(registry, published, { standings }));
    const twin = createTestRegistry(registry.log.fork(3));
    twin.grow(9);
    const forked = [await twin.standing()];
    const { state, freshness } = freshnessOf(registry);
    registry.grow(9);
    const input = { standings: forked, freshness: { ...freshness, note: registry.log.checkpoint() } };
    const error = await failsAt('log', 'log.fork', requestFor(registry, published, input));
    expect(error.verification?.evidence.map(({ name }) => name)).toContain('standing-checkpoint');
    expect(state.pin.realms.size).toBe(0);
  });

  it('offline contradicts a receipt of the same size and another root', async () => {
    const registry = createTestRegistry();
    const twin = createTestRegistry(registry.log.fork(0));
    const published = await registry.publish();
    twin.grow(1);
    expect(twin.log.size()).toBe(registry.log.size());
    const standings = [await twin.standing()];
    await failsAt('log', 'log.fork', requestFor(registry, published, { standings }));
  });
});

describe('of a document from a place that others can write to', () => {
  it('counts what the log holds and what speaks of the release', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const at = setState(registry, 'yank');
    const { leaf } = await verifyWorkflow(requestFor(registry, published));
    const honest = await registry.standing(at);
    const publish = { index: published.receipt.publish.index, leaf };
    const find = (standing: Standing) =>
      findSoundPart(standing, registry.pin(), { realm: 'public', publish });
    expect(find(honest)).toEqual(honest);
    expect(find(await registry.standing(1, at))?.events).toEqual(honest.events);
    expect(find({ ...honest, checkpoint: 'no note' })).toBeUndefined();
    expect(find({ ...honest, events: honest.events.map((e) => ({ ...e, index: 1 })) })).toBeUndefined();
    expect(find(await registry.standing(1))).toBeUndefined();
    expect(findSoundPart(honest, registry.pin(), { realm: 'acme', publish })).toBeUndefined();
  });
});
