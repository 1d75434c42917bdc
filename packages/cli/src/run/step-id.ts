import type { RunDetails } from '@sheaf/engine';
import { CliError } from '../frame/errors.js';
import { findNear } from '../frame/suggest.js';

const SHOWN = 20;

/** Whether a path is that of a step, or of one in it. */
export function isWithin(path: string, step: string): boolean {
  return path === step || path.startsWith(`${step}.`) || path.startsWith(`${step}[`);
}

/** Makes sure that a run has a step, or its plan, which may have changed since. @throws CliError `step.not_found` */
export function assertStep(
  { runId, plan, steps }: Pick<RunDetails, 'runId' | 'plan' | 'steps'>,
  step: string,
): void {
  const ids = [...new Set([...plan.steps.map((each) => each.id), ...Object.keys(steps)])];
  if (ids.includes(step)) return;
  const near = findNear(step, ids);
  throw new CliError('step.not_found', `run ${runId} has no step called ${JSON.stringify(step)}`, {
    hint: near === undefined ? `its steps: ${ids.slice(0, SHOWN).join(', ')}` : `did you mean ${near}`,
  });
}
