import type { Version, WorkflowId } from '@sheaf/workflow';
import type { LockedWorkflow, Lockfile } from './lockfile.js';
import { nameOf } from './wanted.js';

/** What became of one workflow between two lockfiles. */
export type LockChange =
  | { readonly kind: 'added'; readonly id: WorkflowId; readonly registry: string; readonly version: Version }
  | {
      readonly kind: 'removed';
      readonly id: WorkflowId;
      readonly registry: string;
      readonly version: Version;
    }
  | {
      readonly kind: 'moved';
      readonly id: WorkflowId;
      readonly registry: string;
      readonly from: Version;
      readonly version: Version;
    };

/** Compares two lockfiles: what came, what went, and what moved to another version, in the order of the file. */
export function compareLockfiles(before: Lockfile, after: Lockfile): readonly LockChange[] {
  const old = new Set(before.workflows.map(nameOf));
  const current = new Set(after.workflows.map(nameOf));
  const added = after.workflows.filter((entry) => !old.has(nameOf(entry)));
  const removed = before.workflows.filter((entry) => !current.has(nameOf(entry)));
  const changes: { readonly entry: LockedWorkflow; readonly change: LockChange }[] = [];
  const gone = new Set(removed);
  for (const entry of added) {
    const { id, registry, version } = entry;
    const earlier = removed.find(
      (other) => gone.has(other) && other.id === id && other.registry === registry,
    );
    if (earlier === undefined) changes.push({ entry, change: { kind: 'added', id, registry, version } });
    else {
      gone.delete(earlier);
      changes.push({ entry, change: { kind: 'moved', id, registry, from: earlier.version, version } });
    }
  }
  for (const entry of gone) {
    const { id, registry, version } = entry;
    changes.push({ entry, change: { kind: 'removed', id, registry, version } });
  }
  return changes
    .sort(({ entry: a }, { entry: b }) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .map(({ change }) => change);
}
