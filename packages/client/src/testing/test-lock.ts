import type { Standing } from '@sheaf/bundle';
import { parseNamespace, parseWorkflowName } from '@sheaf/workflow';
import { createLockedEntry, createLockedRegistry } from '../lock/locked-entry.js';
import type { LockedDependency, Lockfile } from '../lock/lockfile.js';
import { sortLockfile } from '../lock/order.js';
import { verifyReceipt } from '../verify.js';
import type { Published, TestRegistry } from './test-registry.js';

/** A published workflow to be locked, with what the log says of it and what it depends on. */
export interface ToLock {
  readonly published: Published;
  readonly standings?: readonly Standing[];
  readonly dependencies?: readonly LockedDependency[];
}

/** The lockfile of some published workflows of one registry. */
export async function lockOf(registry: TestRegistry, all: readonly ToLock[]): Promise<Lockfile> {
  const pin = registry.pin();
  const verified = await Promise.all(
    all.map(({ published: { id, version, receipt }, standings = [] }) =>
      verifyReceipt({ receipt, standings, expected: { id, version }, pin }),
    ),
  );
  const [first] = verified;
  if (first === undefined) throw new Error('there is nothing to lock');
  return sortLockfile({
    registries: [createLockedRegistry(first, pin)],
    workflows: verified.map((one, i) => createLockedEntry(one, pin.origin, all[i]?.dependencies ?? [])),
  });
}

/** Logs that a release is deprecated, and answers the standing that says so. */
export async function deprecate(registry: TestRegistry, { id, version }: Published): Promise<Standing> {
  const [ns = '', name = ''] = id.split('/');
  const index = registry.append({
    t: 1_800_000_100,
    type: 'deprecate',
    ns: parseNamespace(ns),
    name: parseWorkflowName(name),
    version,
    reason: 'use acme/better',
  });
  return { events: [await registry.log.logged(index)], checkpoint: registry.log.checkpoint() };
}
