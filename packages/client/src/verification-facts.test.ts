import { packCarryFile, readCarryFile, type Standing } from '@sheaf/bundle';
import { parseNamespace, parseWorkflowName } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { verifyCarry } from './carry/verify-carry.js';
import type { ClientErrorCode } from './errors.js';
import { formatLockfile } from './lock/format.js';
import { parseLockfile } from './lock/parse.js';
import { proveLockfile } from './lock/prove.js';
import { refreshLock } from './lock/refresh.js';
import { verifyLocked, type VerifyLockedDeps } from './lock/verify-locked.js';
import { fetchOffline } from './offline.js';
import { parseReference } from './reference.js';
import { freeClaims } from './testing/claims.js';
import { failure } from './testing/failure.js';
import { lockOf } from './testing/test-lock.js';
import { openPolicy } from './testing/test-policy.js';
import { testKey } from './testing/test-log.js';
import { createTestRegistry, type TestRegistry } from './testing/test-registry.js';
import { failsAt, freshnessOf, memoryTrust, requestFor } from './testing/verifying.js';
import { verifyWorkflow } from './verify.js';

const ns = parseNamespace('acme');

function revoke(registry: TestRegistry): number {
  const keyid = registry.key.publicKey.id;
  const event = '0'.repeat(64);
  return registry.append({
    type: 'key.revoke',
    ns,
    keyid,
    reason: 'compromised',
    fromIndex: 0,
    by: [keyid],
    event,
  });
}

function quarantine(registry: TestRegistry): number {
  const name = parseWorkflowName('deploy');
  return registry.append({ type: 'quarantine', ns, name, version: '1.0.0' as never, reason: 'malware' });
}

/** A release that is refused by now, and somebody who has its bundle, its lock and its file. */
async function world(refuse: (registry: TestRegistry) => number) {
  const registry = createTestRegistry();
  const published = await registry.publish();
  const lock = await lockOf(registry, [{ published }]);
  const [entry] = lock.workflows;
  if (entry === undefined) throw new Error('nothing is locked');
  const standing = await registry.standing(refuse(registry));
  const { policy, trust } = openPolicy();
  const pin = registry.pin();
  const cached: { standings: readonly Standing[] } = { standings: [] };
  const deps: VerifyLockedDeps = {
    pin,
    policy,
    trust: {
      ...trust,
      advance: () => Promise.resolve(true),
      noteRealm: () => Promise.resolve(true),
      getPin: () => Promise.resolve(pin),
    },
    cache: {
      ...freeClaims,
      findBlob: () => Promise.resolve(published.packed.blob),
      putBlob: () => Promise.resolve(),
      findStandings: () => Promise.resolve(cached.standings),
    },
  };
  const online = (told: Standing): VerifyLockedDeps => ({
    ...deps,
    client: {
      url: pin.url,
      getBlob: () => Promise.resolve(published.packed.blob),
      getCheckpoint: () => Promise.resolve(registry.log.checkpoint()),
      getStanding: () => Promise.resolve(told),
      getTile: registry.log.fetchTile,
      getNamespaceKeys: () => Promise.reject(new Error('not asked')),
    },
  });
  const nothing = (): Standing => ({ events: [], checkpoint: registry.log.checkpoint() });
  const carry = readCarryFile(
    packCarryFile({
      blob: published.packed.blob,
      envelope: published.receipt.envelope,
      receipt: published.receipt,
    }),
  );
  /** Every way to use the release while the registry tells nothing, or cannot be asked. */
  const uses: Readonly<Record<string, () => Promise<unknown>>> = {
    'locked, online': () => verifyLocked(lock, entry, online(nothing())),
    'locked, offline': () => verifyLocked(lock, entry, deps),
    'from a file': () =>
      verifyCarry({
        carry,
        policy,
        cache: deps.cache,
        trust: { ...trust, findPinByOrigin: () => Promise.resolve(pin) },
      }),
    offline: () =>
      fetchOffline(
        {
          reference: parseReference('acme/deploy@1.0.0'),
          policy,
          trust,
          cache: {
            ...deps.cache,
            findReceipt: () => Promise.resolve(published.receipt),
            listVersions: () => Promise.resolve([]),
          },
        },
        pin,
      ),
  };
  return { registry, published, lock, entry, standing, deps, online, nothing, carry, cached, uses };
}

describe.each<[string, ClientErrorCode, (registry: TestRegistry) => number]>([
  ['revocation', 'key.revoked', revoke],
  ['quarantine', 'state.quarantined', quarantine],
])('a proven %s', (_, code, refuse) => {
  it('refuses every later use, whatever the registry tells then', async () => {
    const { lock, entry, standing, online, uses } = await world(refuse);
    await failure(verifyLocked(lock, entry, online(standing)), code);
    for (const [how, use] of Object.entries(uses)) await failure(use(), code).catch(named(how));
  });

  it('refuses also when an earlier version of this program kept it, in the cache', async () => {
    const { standing, cached, uses } = await world(refuse);
    await uses['locked, offline']?.();
    cached.standings = [standing];
    for (const [how, use] of Object.entries(uses)) await failure(use(), code).catch(named(how));
    cached.standings = [];
    for (const [how, use] of Object.entries(uses)) await failure(use(), code).catch(named(how));
  });

  it('from a file that holds it refuses what comes without it', async () => {
    const { deps, carry, standing, uses } = await world(refuse);
    const trust = { ...deps.trust, findPinByOrigin: () => Promise.resolve(deps.pin) };
    await failure(verifyCarry({ carry: { ...carry, standing }, policy: deps.policy, trust }), code);
    for (const [how, use] of Object.entries(uses)) await failure(use(), code).catch(named(how));
  });

  it('is written into a lockfile when it is refreshed, and refuses where nothing else is known', async () => {
    const { lock, deps, online, standing } = await world(refuse);
    const { pin, trust } = deps;
    const refreshed = await refreshLock(lock, {
      verify: async (entry) => ({ workflow: await verifyLocked(lock, entry, online(standing)), pin }),
      findFacts: ({ id, version }) => trust.findFacts({ logKey: pin.logKey, id, version }),
    });
    expect(refreshed.refused).toMatchObject([{ error: { code } }]);
    const read = parseLockfile(formatLockfile(refreshed.lock), 'sheaf.lock');
    proveLockfile(read);
    const [entry] = read.workflows;
    if (entry === undefined) throw new Error('the entry is gone');
    expect(entry.standings).toEqual([standing]);
    await failure(verifyLocked(read, entry, { ...deps, trust: { ...trust, ...openPolicy().trust } }), code);
  });
});

describe('the facts of a release', () => {
  it('are not kept of what the log does not hold, or another release', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const at = quarantine(registry);
    const honest = await registry.standing(at);
    const moved = { ...honest, events: honest.events.map((event) => ({ ...event, index: 0 })) };
    const trust = memoryTrust();
    const key = { logKey: registry.pin().logKey, id: published.id, version: published.version };
    await failsAt('log', 'proof.inclusion', requestFor(registry, published, { trust, standings: [moved] }));
    const other = await registry.publish('acme/deploy', '2.0.0');
    const expected = { id: published.id, version: published.version };
    const mixed = requestFor(registry, other, { trust, expected, standings: [honest] });
    await failsAt('leaf', 'leaf.mismatch', mixed);
    expect(await trust.findFacts(key)).toEqual([]);
    await verifyWorkflow(requestFor(registry, published, { trust }));
    expect(await trust.findFacts(key)).toEqual([]);
  });

  it('stay when a log shows another release under the same name', async () => {
    const registry = createTestRegistry();
    const [published, key] = [await registry.publish(), testKey(8)];
    const twin = await registry.publish('acme/deploy', '1.0.0', { signers: [[key, registry.addKey(key)]] });
    const trust = memoryTrust();
    const standings = [await registry.standing(revoke(registry))];
    await failsAt('signer', 'key.revoked', requestFor(registry, published, { trust, standings }));
    const yanked = [await registry.standing(quarantine(registry))];
    await failsAt('policy', 'state.quarantined', requestFor(registry, twin, { trust, standings: yanked }));
    await failsAt('signer', 'key.revoked', requestFor(registry, published, { trust }));
  });

  it('are not kept of a fork', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const twin = createTestRegistry(registry.log.fork(registry.log.size()));
    const standings = [await twin.standing(quarantine(twin))];
    registry.grow(4);
    const { freshness } = freshnessOf(registry);
    const trust = memoryTrust();
    const { id, version } = published;
    await failsAt('log', 'log.fork', requestFor(registry, published, { trust, standings, freshness }));
    expect(await trust.findFacts({ logKey: registry.pin().logKey, id, version })).toEqual([]);
  });
});

function named(how: string): (error: unknown) => never {
  return (error) => {
    throw new Error(how, { cause: error });
  };
}
