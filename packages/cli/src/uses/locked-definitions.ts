import {
  allows,
  findLockedDefinition,
  isHigherVersion,
  openCache,
  type LockedWorkflow,
  type Lockfile,
} from '@sheaf/client';
import type { FindWorkflow, UsedWorkflow, WorkflowDefinition } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { findLock } from '../project/lock-on-disk.js';
import { findProject } from '../project/open-project.js';
import { checkUsed, type WorkflowSource } from '../workflow/source.js';

/**
 * Holds a definition against the workflows that it uses, as far as the lockfile beside or above it names them and the cache has them: no
 * network, and nothing to run.
 *
 * @throws as `findProject`, `findLock`
 */
export async function checkLocked(
  context: Pick<Context, 'env' | 'paths'>,
  source: WorkflowSource,
): Promise<WorkflowSource> {
  const { definition, dir } = source;
  if (definition === undefined || dir === '' || Object.keys(definition.dependencies).length === 0)
    return source;
  const project = await findProject({ cwd: dir, env: context.env });
  const lock = project === undefined ? undefined : await findLock(project);
  if (lock === undefined) return source;
  const cache = await openCache(context.paths.cache());
  const definitions = new Map<LockedWorkflow, WorkflowDefinition>();
  for (const entry of lock.workflows) {
    const found = await findLockedDefinition(entry, cache);
    if (found !== undefined) definitions.set(entry, found);
  }
  return checkUsed(source, (id, range) =>
    usedOf(
      definitions,
      lock,
      highest(lock.workflows.filter((entry) => entry.id === id && allows({ kind: 'range', range }, entry))),
    ),
  );
}

function usedOf(
  definitions: ReadonlyMap<LockedWorkflow, WorkflowDefinition>,
  lock: Lockfile,
  entry: LockedWorkflow | undefined,
): UsedWorkflow | undefined {
  const definition = entry === undefined ? undefined : definitions.get(entry);
  if (entry === undefined || definition === undefined) return undefined;
  const workflows: FindWorkflow = (id) => {
    const version = entry.dependencies.find((each) => each.id === id)?.version;
    const direct = lock.workflows.find(
      (each) => each.id === id && each.version === version && each.registry === entry.registry,
    );
    return usedOf(definitions, lock, direct);
  };
  return { definition, workflows };
}

/** Undefined where it could be of more than one registry. */
function highest(entries: readonly LockedWorkflow[]): LockedWorkflow | undefined {
  if (new Set(entries.map(({ registry }) => registry)).size > 1) return undefined;
  return entries.reduce<LockedWorkflow | undefined>(
    (best, entry) => (best === undefined || isHigherVersion(entry.version, best.version) ? entry : best),
    undefined,
  );
}
