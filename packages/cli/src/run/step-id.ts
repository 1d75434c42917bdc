import type { Plan } from '@sheaf/workflow';
import { CliError } from '../frame/errors.js';
import { findNear } from '../frame/suggest.js';

const SHOWN = 20;

/** Makes sure that a plan has a step. @throws CliError `step.not_found` */
export function assertStep(runId: string, plan: Plan, step: string): void {
  const ids = plan.steps.map((each) => each.id);
  if (ids.includes(step)) return;
  const near = findNear(step, ids);
  throw new CliError('step.not_found', `run ${runId} has no step called ${JSON.stringify(step)}`, {
    hint: near === undefined ? `its steps: ${ids.slice(0, SHOWN).join(', ')}` : `did you mean ${near}`,
  });
}
