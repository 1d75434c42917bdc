import type { KeyId, KeyRecord } from '@sheaf/bundle';
import { describe, expect, it } from 'vitest';
import { registryIdOf } from '../pin.js';
import { failure } from '../testing/failure.js';
import { testKey } from '../testing/test-log.js';
import { createTestRegistry } from '../testing/test-registry.js';
import {
  failsAt,
  freshnessOf,
  memoryTrust,
  NOW_MS,
  policyWith,
  requestFor,
  trusting,
} from '../testing/verifying.js';
import { verifyWorkflow } from '../verify.js';
import { endorsedBy } from './endorsement.js';
import type { PolicyContext } from './policy-context.js';

const idsOf = (...seeds: readonly number[]) => seeds.map((seed) => testKey(seed).publicKey.id);

describe('the first use of a publisher', () => {
  it('is kept when somebody says yes, and is asked once', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const trust = memoryTrust();
    const asked: string[] = [];
    const policy = trusting({
      askPublisher: ({ namespace, signers }) => {
        asked.push(`${namespace} ${signers.map(({ addedIndex }) => addedIndex).join(',')}`);
        return Promise.resolve(true);
      },
    });
    const first = await verifyWorkflow(requestFor(registry, published, { policy, trust }));
    const second = await verifyWorkflow(requestFor(registry, published, { policy, trust }));
    expect([first.decision.kind, second.decision.kind]).toEqual(['first-use', 'accepted']);
    expect(asked).toEqual(['acme 1']);
    expect([...trust.kept.values()]).toMatchObject([
      {
        registry: registryIdOf(registry.pin()),
        keys: [registry.key.publicKey.id],
        threshold: 1,
        how: 'asked',
      },
    ]);
  });

  it('is refused, and asks for no byte, when the answer is no or nobody can answer', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const trust = memoryTrust();
    const silent = () => Promise.resolve(undefined as unknown as boolean);
    const wordy = () => Promise.resolve('no' as unknown as boolean);
    for (const askPublisher of [undefined, () => Promise.resolve(false), silent, wordy]) {
      const blob = () => Promise.reject(new Error('asked for bytes'));
      const input = requestFor(registry, published, { trust, blob, policy: trusting({ askPublisher }) });
      const error = await failure(verifyWorkflow(input), 'publisher.not_accepted');
      expect(error.verification).toBeUndefined();
      expect(error.hint).toContain(`sheaf trust add acme --key ${registry.key.publicKey.id}`);
    }
    expect(trust.kept.size).toBe(0);
  });

  it('by a key that was added by recovery needs an answer, and no flag', async () => {
    const registry = createTestRegistry();
    const auth = registry.addKey(testKey(9), { recovery: true });
    const published = await registry.publish('acme/deploy', '1.0.0', { signers: [[testKey(9), auth]] });
    const flag = trusting({ askPublisher: () => Promise.resolve('flag') });
    await failsAt('policy', 'key.recovery', requestFor(registry, published, { policy: flag }));
    await verifyWorkflow(requestFor(registry, published));
  });

  it('counts as what another process accepted while this one was asking', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const meanwhile = (keys: readonly KeyId[]) => {
      const trust = memoryTrust();
      const askPublisher: PolicyContext['askPublisher'] = async ({ origin, namespace }) => {
        const acceptance = { registry: registryIdOf(registry.pin()), origin, namespace, keys, threshold: 1 };
        await trust.accept({ ...acceptance, acceptedAt: new Date(NOW_MS).toISOString(), how: 'asked' });
        return true;
      };
      return { trust, input: requestFor(registry, published, { trust, policy: trusting({ askPublisher }) }) };
    };
    const same = meanwhile([registry.key.publicKey.id]);
    expect((await verifyWorkflow(same.input)).decision.kind).toBe('accepted');
    const other = meanwhile(idsOf(9));
    await failsAt('policy', 'signer.changed', other.input);
    expect([...other.trust.kept.values()]).toMatchObject([{ keys: idsOf(9) }]);
  });
});

describe('a change of signers', () => {
  async function changed() {
    const registry = createTestRegistry();
    const trust = memoryTrust();
    await verifyWorkflow(requestFor(registry, await registry.publish('acme/deploy', '1.0.0'), { trust }));
    const by = [registry.key.publicKey.id, ...idsOf(9)].sort();
    const auth = registry.addKey(testKey(9), { by });
    const next = await registry.publish('acme/deploy', '1.1.0', { signers: [[testKey(9), auth]] });
    const { freshness } = freshnessOf(registry);
    const keys: readonly KeyRecord[] = [
      recordOf(registry.key.publicKey.id, { addedAt: 1, isFirst: true }),
      recordOf(testKey(9).publicKey.id, { addedAt: auth, by }),
    ];
    return { registry, trust, next, fresh: { ...freshness, keyHistory: () => Promise.resolve({ keys }) } };
  }

  it('is an error, and nobody is asked', async () => {
    const { registry, trust, next, fresh } = await changed();
    await failsAt('policy', 'signer.changed', requestFor(registry, next, { trust, freshness: fresh }));
  });

  it('passes when accepted keys vouch for the new one, and the policy takes that', async () => {
    const { registry, trust, next, fresh } = await changed();
    const policy = trusting({ policy: policyWith({ onSignerChange: 'endorsed' }), askPublisher: undefined });
    const input = requestFor(registry, next, { trust, policy, freshness: fresh });
    expect((await verifyWorkflow(input)).decision.kind).toBe('endorsed');
    const offline = { ...input, freshness: undefined };
    expect((await verifyWorkflow(offline)).decision.kind).toBe('accepted');
    expect([...trust.kept.values()]).toMatchObject([{ how: 'endorsed', threshold: 1 }]);
  });

  it('does not pass offline, where nothing shows who vouches', async () => {
    const { registry, trust, next } = await changed();
    const policy = trusting({ policy: policyWith({ onSignerChange: 'endorsed' }) });
    await failsAt('policy', 'signer.changed', requestFor(registry, next, { trust, policy }));
  });
});

it('refuses what the policy refuses before a byte is asked for', async () => {
  const registry = createTestRegistry();
  const published = await registry.publish();
  const minReleaseAgeMs = NOW_MS - published.receipt.publish.index;
  const policy = trusting({ policy: policyWith({ minReleaseAgeMs }) });
  const blob = () => Promise.reject(new Error('asked for bytes'));
  const error = await failsAt(
    'policy',
    'release.too_young',
    requestFor(registry, published, { policy, blob }),
  );
  expect(error.verification?.notReached).toEqual(['bytes']);
  const allowYoung = new Set(['acme/deploy@1.0.0']);
  await verifyWorkflow(requestFor(registry, published, { policy: { ...policy, allowYoung } }));
});

function recordOf(keyid: KeyId, changes: Partial<KeyRecord> = {}): KeyRecord {
  const publicKey = { id: keyid, raw: new Uint8Array(32) };
  return { keyid, publicKey, addedAt: 1, by: [keyid], recovery: false, isFirst: false, ...changes };
}

describe('endorsedBy', () => {
  const [A, B, C] = idsOf(1, 2, 3) as [KeyId, KeyId, KeyId];
  const first = recordOf(A, { isFirst: true });
  const accepted = { keys: [A], threshold: 1 };

  it('follows a chain of keys that vouch for each other', () => {
    const keys = [recordOf(C, { addedAt: 9, by: [B, C] }), first, recordOf(B, { addedAt: 5, by: [A, B] })];
    expect(endorsedBy({ keys }, accepted)).toEqual(new Set([B, C]));
  });

  it('counts no recovery, no stranger, and no word of a key that was revoked by then', () => {
    expect(
      endorsedBy({ keys: [first, recordOf(B, { addedAt: 5, by: [A, B], recovery: true })] }, accepted).size,
    ).toBe(0);
    expect(endorsedBy({ keys: [first, recordOf(B, { addedAt: 5, by: [B] })] }, accepted).size).toBe(0);
    const added = recordOf(B, { addedAt: 5, by: [A, B] });
    const revoked = (index: number, fromIndex?: number) =>
      recordOf(A, {
        revoked:
          fromIndex === undefined
            ? { index, reason: 'superseded' }
            : { index, reason: 'compromised', fromIndex },
      });
    expect(endorsedBy({ keys: [revoked(4), added] }, accepted).size).toBe(0);
    expect(endorsedBy({ keys: [revoked(9, 5), added] }, accepted).size).toBe(0);
    expect(endorsedBy({ keys: [revoked(9, 6), added] }, accepted).size).toBe(1);
    expect(endorsedBy({ keys: [revoked(9), added] }, accepted).size).toBe(1);
  });

  it('asks for as many vouching keys as had signed at the first use', () => {
    const two = { keys: [A, B], threshold: 2 };
    const base = [first, recordOf(B, { addedAt: 2 })];
    expect(endorsedBy({ keys: [...base, recordOf(C, { addedAt: 5, by: [A, C] })] }, two).size).toBe(0);
    expect(endorsedBy({ keys: [...base, recordOf(C, { addedAt: 5, by: [A, B, C] })] }, two).size).toBe(1);
  });
});
