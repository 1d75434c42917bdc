import { compareVersions } from '../version-order.js';
import type { LockedDependency, LockedRegistry, LockedWorkflow, Lockfile } from './lockfile.js';

/** The order of workflows in a lockfile. Below 0: the first comes first. */
export function compareWorkflows(a: LockedWorkflow, b: LockedWorkflow): number {
  return (
    compareTexts(a.id, b.id) || compareVersions(a.version, b.version) || compareTexts(a.registry, b.registry)
  );
}

/** The order of logs in a lockfile. */
export function compareRegistries(a: LockedRegistry, b: LockedRegistry): number {
  return compareTexts(a.origin, b.origin) || compareTexts(a.realm, b.realm);
}

/** The order of dependencies in an entry, of which each id stands there once. */
export function compareDependencies(a: LockedDependency, b: LockedDependency): number {
  return compareTexts(a.id, b.id);
}

/** The same lockfile in its order. */
export function sortLockfile({ registries, workflows }: Lockfile): Lockfile {
  return {
    registries: [...registries].sort(compareRegistries),
    workflows: [...workflows].sort(compareWorkflows),
  };
}

/** By code units, on every machine the same. */
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
