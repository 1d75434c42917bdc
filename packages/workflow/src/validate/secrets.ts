import { BUILT_IN_ACTIONS } from '../actions/catalogue.js';
import type { ActionInput } from '../actions/manifest.js';
import type { CelType } from '../expression/types.js';
import type { Work, WorkflowDefinition } from '../model.js';
import type { Finding, Path, SourceRange } from '../source/tree.js';
import { findUsed, type Surroundings } from '../uses.js';

/** Is a value a secret, or does it hold one? */
export function holdsSecret(type: CelType): boolean {
  if (type.secret === true) return true;
  if (type.kind === 'list') return holdsSecret(type.item);
  return type.kind === 'map' && holdsSecret(type.value);
}

/** A finding about a secret in a place from which it would reach a log, the journal, or a condition. */
export function secretLeaves(path: Path, within: SourceRange): Finding {
  return {
    code: 'expression.secret',
    message: 'a secret cannot go here',
    label: 'a secret',
    hint: 'hand it to a step in env, or to an input that is declared secret',
    path,
    within,
  };
}

/** The inputs of what a step uses that may hold a secret; all of them where what it uses is not at hand. */
export function secretInputs(
  work: Work,
  definition: WorkflowDefinition,
  around: Surroundings,
): (name: string) => boolean {
  if (work.kind !== 'action') return () => false;
  const used = findUsed(work.uses, definition, around.catalogue ?? BUILT_IN_ACTIONS);
  switch (used.kind) {
    case 'template':
      return takesSecret(used.template.inputs);
    case 'action':
      return takesSecret(used.manifest.inputs);
    case 'workflow': {
      const inner = around.workflows?.(used.name, used.range)?.definition;
      return inner === undefined ? () => true : takesSecret(inner.parameters);
    }
    default:
      return () => true;
  }
}

function takesSecret(inputs: Readonly<Record<string, ActionInput>>): (name: string) => boolean {
  return (name) => {
    const input = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    return input?.type === 'secret' || input?.secret === true;
  };
}
