import type { ReceiptKey } from '../cache/layout.js';
import { parseDigest } from '@sheaf/bundle';
import { describe, expect, it } from 'vitest';
import type { ClientErrorCode } from '../errors.js';
import { freeClaims } from '../testing/claims.js';
import { failure } from '../testing/failure.js';
import { deprecate, lockOf } from '../testing/test-lock.js';
import { testKey } from '../testing/test-log.js';
import { openPolicy } from '../testing/test-policy.js';
import { createTestRegistry, type Published, type TestRegistry } from '../testing/test-registry.js';
import type { Standing } from '@sheaf/bundle';
import type { Lockfile } from './lockfile.js';
import { proveDependencies } from './prove-dependencies.js';
import { refreshLock } from './refresh.js';
import { missingBlobs, verifyLocked, type VerifyLockedDeps } from './verify-locked.js';

const registry = createTestRegistry();
const notify = await registry.publish('acme/notify', '1.0.0');
const deploy = await registry.publish('acme/deploy', '1.4.2', { dependencies: { 'acme/notify': '^1' } });
const LOCK = await lockOf(registry, [
  { published: notify },
  { published: deploy, dependencies: [{ id: notify.id, version: notify.version }] },
]);

function entryOf(lock: Lockfile, id: string) {
  const entry = lock.workflows.find((one) => one.id === id);
  if (entry === undefined) throw new Error(`${id} is not locked`);
  return entry;
}

/** No network; the bundles of these in the cache. */
function offline(cached: readonly Published[], from: TestRegistry = registry): VerifyLockedDeps {
  const blobs = new Map(cached.map(({ packed, receipt }) => [blobOf(receipt), packed.blob]));
  const { policy, trust } = openPolicy();
  return {
    pin: from.pin(),
    policy,
    trust: {
      ...trust,
      advance: () => Promise.resolve(true),
      noteRealm: () => Promise.resolve(true),
      getPin: () => Promise.resolve(from.pin()),
    },
    cache: {
      ...freeClaims,
      findStandings: () => Promise.resolve([]),
      findBlob: (digest) => Promise.resolve(blobs.get(digest)),
      putBlob: (digest, blob) => {
        blobs.set(digest, blob);
        return Promise.resolve();
      },
    },
  };
}

function blobOf(receipt: Published['receipt']): string {
  const leaf = JSON.parse(Buffer.from(receipt.publish.leaf).toString()) as { blob: { sha256: string } };
  return parseDigest(`sha256:${leaf.blob.sha256}`);
}

/** A registry that answers. */
function online(
  cached: readonly Published[],
  standing: Standing,
  note: string = registry.log.checkpoint(),
): VerifyLockedDeps & { readonly asked: string[] } {
  const asked: string[] = [];
  const told = <T>(what: string, value: T): Promise<T> => {
    asked.push(what);
    return Promise.resolve(value);
  };
  return {
    ...offline(cached),
    asked,
    client: {
      url: registry.pin().url,
      getBlob: (digest) => {
        const all = [notify, deploy];
        const found = all.find(({ packed }) => packed.bundle.digest === digest);
        return told('blob', found?.packed.blob ?? new Uint8Array());
      },
      getCheckpoint: () => told('checkpoint', note),
      getStanding: () => told('standing', standing),
      getTile: registry.log.fetchTile,
      getNamespaceKeys: () => Promise.reject(new Error('not asked')),
    },
  };
}

const nothing = (): Standing => ({ events: [], checkpoint: registry.log.checkpoint() });

describe('a locked workflow', () => {
  it('is verified without any network', async () => {
    const workflow = await verifyLocked(LOCK, entryOf(LOCK, 'acme/deploy'), offline([deploy]));
    expect(workflow.bundle.definition.id).toBe('acme/deploy');
  });

  it('is not run when its bundle is missing or another', async () => {
    const entry = entryOf(LOCK, 'acme/deploy');
    const error = await failure(verifyLocked(LOCK, entry, offline([])), 'offline.missing');
    expect(error.message).toContain(entry.blob);
    expect(error.hint).toContain('fetch acme/deploy@1.4.2');
    const deps = offline([]);
    await deps.cache.putBlob(entry.blob, new Uint8Array(notify.packed.blob));
    await failure(verifyLocked(LOCK, entry, deps), 'blob.digest');
  });

  it('names one command when several bundles are missing', () => {
    expect(missingBlobs(LOCK.workflows).hint).toMatch(
      /^fetch (acme\/\w+@[\d.]+ ){1,}acme\/notify@1\.0\.0 once with a connection$/,
    );
    expect(missingBlobs(LOCK.workflows).message).toContain('acme/notify 1.0.0');
  });

  it('is refused when the lockfile has another log key than the one accepted here', async () => {
    const other = createTestRegistry();
    const deps = { ...offline([deploy]), pin: { ...other.pin(), logKey: `${other.pin().logKey}x` } };
    await failure(verifyLocked(LOCK, entryOf(LOCK, 'acme/deploy'), deps), 'log.key_changed');
  });

  it.each<[string, (lock: Lockfile) => Lockfile]>([
    ['other dependencies', (lock) => withDependencies(lock, [])],
    [
      'a dependency in a version that does not fit',
      (lock) => withDependencies(lock, [{ ...notify, version: '2.0.0' as never }]),
    ],
    [
      'one dependency too many',
      (lock) => withDependencies(lock, [notify, { ...deploy, id: 'acme/x' as never }]),
    ],
  ])('is refused with %s than its definition has', async (_what, change) => {
    const changed = change(LOCK);
    const deps = offline([deploy]);
    await failure(verifyLocked(changed, entryOf(changed, 'acme/deploy'), deps), 'lock.tampered');
    await failure(proveDependencies(changed, deps.cache), 'lock.tampered');
    await proveDependencies(changed, offline([notify]).cache);
  });

  it('is refused when another signer stands behind it than was accepted', async () => {
    const deps = offline([deploy]);
    await verifyLocked(LOCK, entryOf(LOCK, 'acme/deploy'), deps);
    const thief = testKey(42);
    const auth = [registry.addKey(thief)];
    const stolen = await registry.publish('acme/deploy', '1.4.3', {
      signer: thief,
      leaf: { auth },
    });
    const edited = await lockOf(registry, [{ published: stolen }]);
    const error = await failure(verifyLocked(edited, entryOf(edited, 'acme/deploy'), deps), 'signer.changed');
    expect(error.verification?.notReached).toEqual(['bytes']);
  });

  it('gets from the registry what the cache lacks or has damaged, and keeps it', async () => {
    const entry = entryOf(LOCK, 'acme/notify');
    const deps = online([], nothing());
    await verifyLocked(LOCK, entry, deps);
    await verifyLocked(LOCK, entry, deps);
    expect(deps.asked.filter((what) => what === 'blob')).toHaveLength(1);
    await deps.cache.putBlob(entry.blob, new Uint8Array([1, 2, 3]));
    await verifyLocked(LOCK, entry, deps);
    expect(deps.asked.filter((what) => what === 'blob')).toHaveLength(2);
  });

  it('brings its receipt into the cache with its bundle, and not again', async () => {
    const kept: string[] = [];
    const deps = online([], nothing());
    const cache = {
      ...deps.cache,
      putReceipt: ({ id, version }: ReceiptKey) => {
        kept.push(`${id}@${version}`);
        return Promise.resolve();
      },
    };
    for (let i = 0; i < 2; i++) await verifyLocked(LOCK, entryOf(LOCK, 'acme/deploy'), { ...deps, cache });
    expect(kept).toEqual(['acme/deploy@1.4.2']);
  });

  it('is refused when the registry shows a shorter log than the lockfile has seen', async () => {
    const deps = online([deploy], nothing(), registry.log.checkpoint(2));
    await failure(verifyLocked(LOCK, entryOf(LOCK, 'acme/deploy'), deps), 'log.rollback');
  });
});

describe('refreshing a lockfile', () => {
  it('tells what was deprecated since, and locks that it was', async () => {
    const standing = await deprecate(registry, notify);
    const deps = online([notify, deploy], nothing());
    const { lock, changes, refused } = await refreshLock(LOCK, {
      findFacts: () => Promise.resolve([]),
      verify: async (entry) => ({
        workflow: await verifyLocked(
          LOCK,
          entry,
          entry.id === 'acme/notify' ? { ...deps, ...withStanding(deps, standing) } : deps,
        ),
        pin: deps.pin,
      }),
    });
    expect(refused).toEqual([]);
    expect(changes).toEqual([
      { id: 'acme/notify', version: '1.0.0', from: 'active', to: 'deprecated', reason: 'use acme/better' },
    ]);
    expect(entryOf(lock, 'acme/notify')).toMatchObject({ state: 'deprecated', standings: [standing] });
    expect(entryOf(lock, 'acme/deploy')).toBe(lock.workflows[0]);
    expect(lock.registries).toEqual([{ ...LOCK.registries[0], checkpoint: registry.log.checkpoint() }]);
  });

  it('tells what is refused by now, and goes on with the rest', async () => {
    const deps = online([notify, deploy], nothing());
    const deny = { ...deps.policy, policy: { ...deps.policy.policy, mode: 'deny' as const } };
    const { lock, refused } = await refreshLock(LOCK, {
      findFacts: () => Promise.resolve([]),
      verify: async (entry) => ({
        workflow: await verifyLocked(
          LOCK,
          entry,
          entry.id === 'acme/notify' ? { ...deps, policy: deny } : deps,
        ),
        pin: deps.pin,
      }),
    });
    const code: ClientErrorCode = 'publisher.not_allowed';
    expect(refused).toMatchObject([{ id: 'acme/notify', version: '1.0.0', error: { code } }]);
    expect(entryOf(lock, 'acme/notify')).toEqual(entryOf(LOCK, 'acme/notify'));
  });
});

function withDependencies(
  lock: Lockfile,
  dependencies: readonly Pick<Published, 'id' | 'version'>[],
): Lockfile {
  return {
    ...lock,
    workflows: lock.workflows.map((entry) =>
      entry.id === 'acme/deploy' ? { ...entry, dependencies } : entry,
    ),
  };
}

function withStanding(deps: VerifyLockedDeps, standing: Standing): Pick<VerifyLockedDeps, 'client'> {
  return deps.client === undefined
    ? {}
    : { client: { ...deps.client, getStanding: () => Promise.resolve(standing) } };
}
