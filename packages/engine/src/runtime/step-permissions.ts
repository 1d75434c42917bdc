import type { Permissions } from '@sheaf/workflow';
import type { StepState } from '../core/scope.js';
import { confineTo, type Confine } from '../isolation/confine.js';
import type { AttemptContext } from './attempt-port.js';

/** What the workflow that a step belongs to declares. */
export function permissionsOf({ state }: AttemptContext, { scope }: StepState): Permissions {
  const called = scope.workflow === undefined ? undefined : state.plan.workflows[scope.workflow];
  return (called ?? state.plan).permissions;
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
  context: AttemptContext,
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
