import { quote } from '@sheaf/workflow';
import { ActionError } from './action-error.js';
import type { ActionContext } from './action.js';

/** Throws ActionError `policy.denied` unless the run may start the program. */
export function assertProgram({ permissions }: Pick<ActionContext, 'permissions'>, program: string): void {
  if (permissions.exec.includes(program) || permissions.exec.includes('*')) return;
  throw new ActionError('policy.denied', `the run may not start ${quote(program)}`, {
    hint: `add "${program}" to exec under [permissions] of the workflow`,
    denied: { subject: 'exec', value: program, by: 'workflow' },
  });
}
