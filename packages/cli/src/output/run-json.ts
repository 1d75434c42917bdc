import type { StepResult } from '@sheaf/engine';
import type { Plan } from '@sheaf/workflow';
import { omit } from '../frame/command.js';
import type { RerunJson } from '../json/rerun.js';
import type { RunData } from '../run/execute.js';

/** What `run`, `resume` and `rerun` print under `--json`. */
export function toRunJson(data: RunData): RerunJson {
  return { ...omit(data, 'told', 'facts'), steps: listSteps(data.facts.plan, data.steps) };
}

/** Steps in the order of the plan, each with its id. */
export function listSteps(
  plan: Plan,
  steps: Readonly<Record<string, StepResult>>,
): readonly ({ readonly id: string } & StepResult)[] {
  return plan.steps.flatMap(({ id }) => {
    const step = steps[id];
    return step === undefined ? [] : [{ id, ...step }];
  });
}
