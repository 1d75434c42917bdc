import type { LockedWorkflow, VerifiedWorkflow } from '@sheaf/client';
import { readDefinition, type FindWorkflow } from '@sheaf/workflow';
import { CliError } from '../frame/errors.js';
import { describeState } from '../registry/fetch.js';
import { plural } from '../terminal/text.js';
import { NO_WORKFLOWS, type UsedWorkflows } from './used-workflows.js';

/** Verified workflows by their entries, with those that the entries depend on. */
export type Closure = ReadonlyMap<LockedWorkflow, VerifiedWorkflow>;

/** Finds the workflow of an entry, and from there on what its entry says that it uses: never another version. */
export function findIn(closure: Closure, direct: readonly LockedWorkflow[]): FindWorkflow {
  return (id) => {
    const entry = direct.find((each) => each.id === id);
    const workflow = entry === undefined ? undefined : closure.get(entry);
    if (entry === undefined || workflow === undefined) return undefined;
    return {
      definition: workflow.bundle.definition,
      digest: workflow.digest,
      workflows: findIn(closure, dependenciesOf(closure, entry)),
    };
  };
}

/** What an entry of a closure depends on; it comes from the registry of the entry. */
function dependenciesOf(closure: Closure, entry: LockedWorkflow): readonly LockedWorkflow[] {
  const direct = new Set(entry.dependencies.map(({ id, version }) => `${id}@${version}`));
  return [...closure.keys()].filter(
    ({ id, version, registry }) => registry === entry.registry && direct.has(`${id}@${version}`),
  );
}

/**
 * What the root of a closure uses, each held against what it uses itself.
 *
 * @throws as {@link assertFitsUsed}
 */
export function usedIn(closure: Closure, root: LockedWorkflow): UsedWorkflows {
  const all: VerifiedWorkflow[] = [];
  for (const [entry, workflow] of closure) {
    if (entry.dependencies.length > 0)
      assertFitsUsed(workflow, findIn(closure, dependenciesOf(closure, entry)));
    if (entry !== root) all.push(workflow);
  }
  const direct = dependenciesOf(closure, root);
  return direct.length === 0
    ? NO_WORKFLOWS
    : {
        find: findIn(closure, direct),
        all,
        warnings: all.flatMap((each) => describeState({ workflow: each })),
      };
}

/**
 * Holds a verified workflow against those that it uses, as `validate` does for its author: what they take and give, and that they ask for
 * nothing that it does not ask for itself, since somebody agrees to that alone.
 *
 * @throws CliError `definition.invalid` with every diagnostic
 */
function assertFitsUsed({ id, version, bundle }: VerifiedWorkflow, workflows: FindWorkflow): void {
  const { files, definitionPath } = bundle;
  const bytes = files.find(({ path }) => path === definitionPath)?.bytes;
  const file = `${id}@${version}/${definitionPath}`;
  const text = new TextDecoder().decode(bytes);
  const { definition, diagnostics } = readDefinition(
    { text, file },
    { workflows, files: files.map(({ path }) => path) },
  );
  if (definition !== undefined) return;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  throw new CliError('definition.invalid', `${file} has ${plural(errors.length, 'error')}`, {
    hint: 'it does not fit the workflows that it uses, nothing was run: tell its publisher, or run a version that fits',
    diagnostics: errors,
    sources: new Map([[file, text]]),
  });
}
