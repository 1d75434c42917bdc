import { formatSelector } from '../reference.js';
import { closureOf, findWanted, nameOf, type Wanted } from './wanted.js';
import type { LockedWorkflow, Lockfile } from './lockfile.js';

/** A line of `[workflows]`, with the registry it means. */
export interface WantedByName extends Wanted {
  /** The short name. */
  readonly name: string;
}

/** Why a lockfile does not fit its project. */
export interface LockDifference {
  readonly kind: 'missing' | 'unsatisfied' | 'dependency_missing' | 'superfluous';
  /** A short name, or a workflow where none is meant. */
  readonly name: string;
  /** One line, such as `wants ^1.5, locked 1.4.2`. */
  readonly detail: string;
}

/**
 * Compares a lockfile with what its project asks for, without network or bundles. Nothing found: every name is locked
 * to a version that it allows, with all its dependencies, and nothing else is.
 */
export function findDifferences(lock: Lockfile, wanted: readonly WantedByName[]): readonly LockDifference[] {
  const differences: LockDifference[] = [];
  const roots: LockedWorkflow[] = [];
  for (const want of wanted) {
    const entry = findWanted(lock, want);
    if (entry === undefined) differences.push(describeMissing(lock, want));
    else roots.push(entry);
  }
  const needed = closureOf(lock, roots);
  const names = new Set(lock.workflows.map(nameOf));
  for (const entry of needed) {
    for (const { id, version } of entry.dependencies) {
      if (names.has(nameOf({ id, version, registry: entry.registry }))) continue;
      const detail = `needs ${id} ${version}, which is not locked`;
      differences.push({ kind: 'dependency_missing', name: `${entry.id} ${entry.version}`, detail });
    }
  }
  // While something is missing, what it would need cannot be told from what nobody needs.
  if (differences.length > 0) return differences;
  return lock.workflows
    .filter((entry) => !needed.has(entry))
    .map(({ id, version }) => ({
      kind: 'superfluous',
      name: `${id} ${version}`,
      detail: 'locked, and no longer asked for',
    }));
}

function describeMissing(lock: Lockfile, { name, id, registry, selector }: WantedByName): LockDifference {
  const locked = lock.workflows.filter((entry) => entry.id === id && entry.registry === registry);
  if (locked.length === 0) {
    const isElsewhere = lock.workflows.some((entry) => entry.id === id);
    return { kind: 'missing', name, detail: isElsewhere ? `not locked from ${registry}` : 'not locked' };
  }
  const versions = locked.map(({ version }) => version).join(', ');
  const wants = formatSelector(selector) || 'a stable version';
  return { kind: 'unsatisfied', name, detail: `wants ${wants}, locked ${versions}` };
}
