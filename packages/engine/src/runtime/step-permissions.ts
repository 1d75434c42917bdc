import type { Permissions, SubPlan } from '@sheaf/workflow';
import type { ScopeState, StepState } from '../core/scope.js';
import { confineTo, type Confine } from '../isolation/confine.js';
import type { AttemptContext } from './attempt-port.js';
import { findHandedOn } from './find-handed-on.js';

type Place = Pick<AttemptContext, 'state' | 'cwd'>;

/**
 * What a step may do: what the workflow that it belongs to declares. Of a workflow that a step calls also what it was given as parameters
 * of the types path and secret, as far as its caller has that itself.
 */
export function permissionsOf(context: Place, { scope }: Pick<StepState, 'scope'>): Permissions {
  return givenTo(context, scope).permissions;
}

/** What a called workflow was given and its caller may not hand on: paths, and names of secrets. */
export function refusedTo(context: Place, { scope }: Pick<StepState, 'scope'>): Given['refused'] {
  return givenTo(context, scope).refused;
}

/** What the steps of a called workflow may do. */
export interface Given {
  readonly permissions: Permissions;
  readonly refused: readonly { readonly kind: 'read' | 'write' | 'secrets'; readonly value: string }[];
}

/** What was found for a scope, whose parameters never change, in the workspace that was looked at last. */
const FOUND = new WeakMap<ScopeState, { readonly cwd: string; readonly given: Given }>();

function givenTo(context: Place, scope: ScopeState): Given {
  const { state } = context;
  const opened = outermost(scope);
  const called = opened.workflow === undefined ? undefined : state.plan.workflows[opened.workflow];
  if (called === undefined || opened.owner === undefined)
    return { permissions: state.plan.permissions, refused: [] };
  const known = FOUND.get(opened);
  if (known?.cwd === context.cwd) return known.given;
  const made = handOn(context, called, opened, permissionsOf(context, opened.owner));
  FOUND.set(opened, { cwd: context.cwd, given: made });
  return made;
}

/** The scope of a called workflow that another one lies in. */
function outermost(scope: ScopeState): ScopeState {
  let at = scope;
  while (at.owner !== undefined && at.owner.scope.workflow === at.workflow) at = at.owner.scope;
  return at;
}

function handOn({ cwd }: Place, called: SubPlan, { names }: ScopeState, caller: Permissions): Given {
  const { permissions } = called;
  const read = new Set(permissions.read);
  const write = new Set(permissions.write);
  const secrets = new Set(permissions.secrets);
  const refused: Given['refused'][number][] = [];
  for (const [name, parameter] of Object.entries(called.parameters)) {
    const value = names.parameters[name];
    if (typeof value !== 'string') continue;
    if (parameter.type === 'path') {
      const { access } = parameter;
      const around = access === 'write' ? caller.write : [...caller.read, ...caller.write];
      const real = findHandedOn(cwd, around, value);
      if (real === undefined) refused.push({ kind: access, value });
      else (access === 'write' ? write : read).add(real);
    } else if (parameter.type === 'secret') {
      if (caller.secrets.includes(value)) secrets.add(value);
      else if (!secrets.has(value)) refused.push({ kind: 'secrets', value });
    }
  }
  return {
    permissions: { ...permissions, read: [...read], write: [...write], secrets: [...secrets] },
    refused,
  };
}

/** Of a run that is not held to anything; secrets are still asked for by name. */
export const EVERYTHING: Permissions = {
  network: ['*'],
  exec: ['*'],
  read: ['/'],
  write: ['/'],
  secrets: [],
};

/** What the processes of a step are confined by, if they are. A container is a sandbox of its own, which cannot begin in another. */
export function confinementOf(
  context: Pick<AttemptContext, 'state' | 'protection' | 'cwd'>,
  entry: StepState,
  bundleDir: string | undefined,
): Confine | undefined {
  const { confinement } = context.protection;
  const { work } = entry.step;
  if (confinement === undefined || (work.kind === 'action' && work.action === 'container')) return undefined;
  return confineTo(confinement, {
    workspace: context.cwd,
    permissions: permissionsOf(context, entry),
    bundleDir,
  });
}
