import type { ActionManifest, Catalogue } from './actions/manifest.js';
import { resolveUses, type Used as ResolvedUses } from './actions/resolve.js';
import type { ActionTemplate, WorkflowDefinition } from './model.js';

/** A workflow that another one uses, as a lockfile or a registry has it. */
export interface UsedWorkflow {
  readonly definition: WorkflowDefinition;
  readonly digest?: string;
  /** Finds what it uses itself; without it, whoever found it is asked. */
  readonly workflows?: FindWorkflow;
}

/** Finds the workflow of an entry of [dependencies]. */
export type FindWorkflow = (id: string, range: string) => UsedWorkflow | undefined;

/** What is known of the names that a definition uses and that are not its own. */
export interface Surroundings {
  /** Actions by name; without it, those that every engine has. */
  readonly catalogue?: Catalogue;
  /** Without it nothing is known of the workflows that are used. */
  readonly workflows?: FindWorkflow;
}

/** What the `uses` of a step names, with what is known of it. */
export type Used =
  | { readonly kind: 'template'; readonly name: string; readonly template: ActionTemplate }
  | { readonly kind: 'action'; readonly name: string; readonly manifest: ActionManifest }
  | { readonly kind: 'workflow'; readonly name: string; readonly range: string }
  | Extract<ResolvedUses, { kind: 'ambiguous' | 'unknown' }>;

/** Finds what a step uses: one of [actions], an action of the catalogue, or one of [dependencies]. */
export function findUsed(
  uses: string,
  { actions, dependencies }: Pick<WorkflowDefinition, 'actions' | 'dependencies'>,
  catalogue: Catalogue,
): Used {
  const found = resolveUses(uses, {
    templates: Object.keys(actions),
    catalogue,
    workflows: Object.keys(dependencies),
  });
  switch (found.kind) {
    case 'template': {
      const template = actions[found.name];
      return template === undefined ? { kind: 'unknown' } : { ...found, template };
    }
    case 'action':
      return { ...found, name: found.manifest.name };
    case 'workflow':
      return { kind: 'workflow', name: found.id, range: dependencies[found.id] ?? '' };
    default:
      return found;
  }
}
