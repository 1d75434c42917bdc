import type { Plan, PlanStep } from '@sheaf/workflow';

/** What stands for a workflow that is used: a test says what it gives. */
const USED_WORKFLOW = 'workflow';

/** A plan as a test runs it: of the workflows that it uses only what they are given is known, and nothing is kept for another run. */
export function prepareTestPlan(plan: Plan): Plan {
  return {
    ...plan,
    steps: plan.steps.map(prepareStep),
    catch: plan.catch.map(prepareStep),
    workflows: {},
  };
}

function prepareStep(step: PlanStep): PlanStep {
  const { work } = step;
  const rest = withoutKeys(step, 'cache', 'resources');
  if (work.kind === 'block') return { ...rest, work: { ...work, steps: work.steps.map(prepareStep) } };
  if (work.kind !== 'workflow') return rest;
  return {
    ...rest,
    work: { kind: 'action', action: USED_WORKFLOW, version: work.workflow, with: work.with },
  };
}

function withoutKeys<K extends keyof PlanStep>(step: PlanStep, ...keys: readonly K[]): Omit<PlanStep, K> {
  const kept = Object.entries(step).filter(([key]) => !keys.includes(key as K));
  return Object.fromEntries(kept) as unknown as Omit<PlanStep, K>;
}

/** Whether a step can do its work in a test. */
export function canBeReal({ work }: PlanStep): boolean {
  return work.kind !== 'action' || work.action !== USED_WORKFLOW;
}

/** Actions that give the same for the same inputs and touch nothing: they do their work without being asked to. */
const PURE = new Set(['core.echo', 'core.json', 'core.template']);

export function isPure({ work }: PlanStep): boolean {
  return work.kind === 'script' || (work.kind === 'action' && PURE.has(work.action));
}
