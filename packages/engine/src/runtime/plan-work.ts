import type { Plan, PlanStep } from '@sheaf/workflow';

/** What the steps of a plan do, at any depth, also those of what it calls and those that run after a failure. */
export function* listWork(plan: Plan): Generator<PlanStep['work']> {
  for (const part of [plan, ...Object.values(plan.workflows)]) {
    yield* workOf(part.steps);
    yield* workOf(part.catch);
  }
}

function* workOf(steps: readonly PlanStep[]): Generator<PlanStep['work']> {
  for (const { work } of steps) {
    yield work;
    if (work.kind === 'block') yield* workOf(work.steps);
  }
}
