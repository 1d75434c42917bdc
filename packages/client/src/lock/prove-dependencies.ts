import { checkBlob, openVerifiedBundle, parseLeaf } from '@sheaf/bundle';
import type { WorkflowDefinition } from '@sheaf/workflow';
import type { Cache } from '../cache.js';
import type { LockedWorkflow, Lockfile } from './lockfile.js';
import { tampered } from './prove.js';
import { isInRange } from '../version-order.js';

/**
 * Compares the dependencies of every entry with its definition, as far as bundles are in the cache: what a lockfile
 * says of dependencies follows from bundles only. One that does not fit its project may be stale, or changed by hand.
 *
 * @param lock one that `proveLockfile` has passed
 * @throws ClientError `lock.tampered`
 */
export async function proveDependencies(lock: Lockfile, cache: Pick<Cache, 'findBlob'>): Promise<void> {
  for (const entry of lock.workflows) {
    const definition = await findLockedDefinition(entry, cache);
    if (definition !== undefined) assertDependencies(entry, definition);
  }
}

/** @throws ClientError `lock.tampered` when an entry names other dependencies than its definition, or versions that do not fit */
export function assertDependencies(entry: LockedWorkflow, definition: WorkflowDefinition): void {
  const ranges = Object.entries(definition.dependencies);
  const locked = new Map<string, string>(entry.dependencies.map(({ id, version }) => [id, version]));
  const isSame =
    ranges.length === locked.size &&
    ranges.every(([id, range]) => {
      const version = locked.get(id);
      return version !== undefined && isInRange(version, range);
    });
  if (!isSame) throw tampered(`dependencies of ${entry.id} ${entry.version} are not those of its definition`);
}

/**
 * The definition of a locked workflow, from the cache: the bytes that its receipt names. Undefined where the cache does not
 * have them, or has others.
 */
export async function findLockedDefinition(
  entry: LockedWorkflow,
  cache: Pick<Cache, 'findBlob'>,
): Promise<WorkflowDefinition | undefined> {
  const blob = await cache.findBlob(entry.blob);
  return blob === undefined ? undefined : findDefinition(entry, blob);
}

/** Undefined for a blob that is not the one of the receipt: a damaged cache says nothing of a lockfile. */
async function findDefinition(
  entry: LockedWorkflow,
  blob: Uint8Array,
): Promise<WorkflowDefinition | undefined> {
  const leaf = parseLeaf(entry.receipt.publish.leaf);
  if (leaf.type !== 'publish') return undefined;
  try {
    checkBlob(blob, leaf);
    return (await openVerifiedBundle(blob, leaf)).definition;
  } catch {
    return undefined;
  }
}
