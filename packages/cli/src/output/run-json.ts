import type { StepResult } from '@sheaf/engine';
import { omit } from '../frame/command.js';
import type { RerunJson } from '../json/rerun.js';
import type { RunData } from '../run/execute.js';

/** What `run`, `resume` and `rerun` print under `--json`. */
export function toRunJson(data: RunData): RerunJson {
  return { ...omit(data, 'told', 'facts'), steps: listSteps(data.steps) };
}

/** Steps in the order of the plan, each with its path; what a step opened stands behind it. */
export function listSteps(
  steps: Readonly<Record<string, StepResult>>,
): readonly ({ readonly id: string } & StepResult)[] {
  return Object.entries(steps).map(([id, step]) => ({ id, ...step }));
}
