import { quote, type Plan, type PlanStep } from '@sheaf/workflow';
import { EngineError } from '../errors.js';
import { LIMITS } from '../limits.js';

/** True for what may name a step, and so a file. */
export function isStepId(text: string): boolean {
  return STEP_ID.test(text);
}

/** True for what may be the path of a step of some run, and so a file. */
export function isStepPath(text: string): boolean {
  return text.length <= 1_000 && STEP_PATH.test(text);
}

/** Step ids are file names of logs and values of `SHEAF_STEP`, so the engine does not trust that somebody checked them. */
const STEP_ID = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/;
const STEP_PATH =
  /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}(?:\[\d{1,6}\])?(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,63}(?:\[\d{1,6}\])?)*$/;

/**
 * Refuses a plan that cannot be run as it says: unknown schema, bad or doubled step ids, needs that do not come earlier in
 * the list (so no cycle passes), sub-workflows that are not in it or call each other, too many steps or too deep. Throws
 * EngineError `plan.invalid`.
 */
export function checkPlan(plan: Plan): void {
  const schema: string = plan.schema;
  if (schema !== 'sheaf.plan/1') throw invalid(`its schema ${quote(schema)} is not known to this version`);
  const check: Check = { plan, left: LIMITS.steps, depths: new Map() };
  checkSteps(plan.steps, check, 1);
  checkSteps(plan.catch, check, 1);
  for (const name of Object.keys(plan.artifacts)) {
    if (!isStepId(name)) throw invalid(`${quote(name)} is no name of an artifact`);
  }
  if (plan.catch.length > 0 && plan.steps.some(({ id }) => id === 'catch')) {
    throw invalid('a step is called catch, as what runs after a failure is');
  }
}

interface Check {
  readonly plan: Plan;
  /** Steps that it may still have. */
  left: number;
  /** How deep the steps of a sub-workflow go; undefined while that is found out. */
  readonly depths: Map<string, number | undefined>;
}

/** Checks the steps of one scope; gives how many scopes deep they go. */
function checkSteps(steps: readonly PlanStep[], check: Check, depth: number): number {
  if (depth > LIMITS.depth) throw invalid(`its steps are nested more than ${LIMITS.depth} deep`);
  check.left -= steps.length;
  if (check.left < 0) throw invalid(`it has more than ${LIMITS.steps} steps`);
  const known = new Set<string>();
  let deepest = depth;
  for (const step of steps) {
    if (!isStepId(step.id)) throw invalid(`${quote(step.id)} is no step id`);
    if (known.has(step.id)) throw invalid(`step ${step.id} is there twice`);
    for (const need of step.needs) {
      if (!known.has(need)) throw invalid(`step ${step.id} needs ${quote(need)}, which no earlier step is`);
    }
    known.add(step.id);
    deepest = Math.max(deepest, checkWork(step, check, depth + (step.foreach === undefined ? 0 : 1)));
  }
  return deepest;
}

function checkWork({ id, work }: PlanStep, check: Check, depth: number): number {
  if (work.kind === 'shell') checkScript(id, work.run);
  if (work.kind === 'script') checkScript(id, work.script);
  if (work.kind === 'block') return checkSteps(work.steps, check, depth + 1);
  if (work.kind !== 'workflow') return depth;
  const { plan, depths } = check;
  const called = Object.hasOwn(plan.workflows, work.workflow) ? plan.workflows[work.workflow] : undefined;
  if (called === undefined) {
    throw invalid(
      `step ${id} calls ${quote(work.workflow)}, which the plan does not have`,
      'pin what it calls: sheaf lock',
    );
  }
  if (!depths.has(work.workflow)) {
    depths.set(work.workflow, undefined);
    const own = Math.max(checkSteps(called.steps, check, 1), checkSteps(called.catch, check, 1));
    depths.set(work.workflow, own);
  }
  const own = depths.get(work.workflow);
  if (own === undefined) throw invalid(`${quote(work.workflow)} calls itself`);
  if (depth + own > LIMITS.depth) throw invalid(`its steps are nested more than ${LIMITS.depth} deep`);
  return depth + own;
}

function checkScript(id: string, script: string): void {
  const size = new TextEncoder().encode(script).length;
  if (size <= LIMITS.argumentBytes) return;
  throw invalid(
    `the script of step ${id} has ${size} bytes, and a shell takes at most ${LIMITS.argumentBytes}`,
    'move the script into a file of the bundle and call that',
  );
}

function invalid(
  detail: string,
  hint = 'make the plan from the definition again with this version of sheaf',
): EngineError {
  return new EngineError('plan.invalid', `the plan cannot be run: ${detail}`, {
    hint,
  });
}
