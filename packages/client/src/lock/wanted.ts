import type { Version, WorkflowId } from '@sheaf/workflow';
import type { Selector } from '../reference.js';
import { compareVersions, isInRange, isPrerelease } from '../version-order.js';
import type { LockedWorkflow, Lockfile } from './lockfile.js';

/** What somebody asks of a lockfile: a workflow of one registry, and which versions of it will do. */
export interface Wanted {
  readonly id: WorkflowId;
  /** Origin of the registry. */
  readonly registry: string;
  readonly selector: Selector;
}

/**
 * The entry that a reference means: of the locked versions that it allows, the highest. Without a selector that is
 * the highest stable one. A channel means nothing to a lockfile.
 */
export function findWanted(lock: Lockfile, { id, registry, selector }: Wanted): LockedWorkflow | undefined {
  return lock.workflows
    .filter((entry) => entry.id === id && entry.registry === registry && allows(selector, entry))
    .reduce<LockedWorkflow | undefined>(
      (best, entry) =>
        best === undefined || compareVersions(entry.version, best.version) > 0 ? entry : best,
      undefined,
    );
}

/** Whether a selector allows a version. */
export function allows(selector: Selector, entry: Pick<LockedWorkflow, 'version' | 'tar'>): boolean {
  switch (selector.kind) {
    case 'latest':
      return !isPrerelease(entry.version);
    case 'range':
      return isInRange(entry.version, selector.range);
    case 'version':
      return (selector.version satisfies Version) === entry.version;
    case 'digest':
      return selector.digest === entry.tar;
    case 'channel':
      return false;
  }
}

/** An entry and all that it depends on, each once, dependencies after what needs them. */
export function closureOf(lock: Lockfile, roots: readonly LockedWorkflow[]): ReadonlySet<LockedWorkflow> {
  const byName = new Map(lock.workflows.map((entry) => [nameOf(entry), entry]));
  const found = new Set<LockedWorkflow>(roots);
  // A set goes on to what is added to it meanwhile.
  for (const entry of found) {
    for (const { id, version } of entry.dependencies) {
      const dependency = byName.get(nameOf({ id, version, registry: entry.registry }));
      if (dependency !== undefined) found.add(dependency);
    }
  }
  return found;
}

/** One text for what names an entry. */
export function nameOf({
  id,
  version,
  registry,
}: Pick<LockedWorkflow, 'id' | 'version' | 'registry'>): string {
  return `${registry} ${id}@${version}`;
}
