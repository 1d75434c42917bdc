import { quote, type Plan, type PlanStep } from '@sheaf/workflow';
import { EngineError } from '../errors.js';
import { LIMITS } from '../limits.js';

/** True for what may name a step, and so a file. */
export function isStepId(text: string): boolean {
  return STEP_ID.test(text);
}

/** Step ids are file names of logs and values of `SHEAF_STEP`, so the engine does not trust that somebody checked them. */
const STEP_ID = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/;

/**
 * Refuses a plan that cannot be run as it says: unknown schema, bad or doubled step ids, needs that do not come earlier in
 * the list (so no cycle passes), too many steps. Throws EngineError `plan.invalid`, `plan.unsupported`.
 */
export function checkPlan(plan: Plan): void {
  const schema: string = plan.schema;
  if (schema !== 'sheaf.plan/1') throw invalid(`its schema ${quote(schema)} is not known to this version`);
  if (plan.steps.length > LIMITS.steps) {
    throw invalid(`it has ${plan.steps.length} steps and at most ${LIMITS.steps} can run`);
  }
  const extra =
    plan.catch.length > 0 ? 'catch' : Object.keys(plan.artifacts).length > 0 ? 'artifacts' : undefined;
  if (extra !== undefined) {
    throw new EngineError('plan.unsupported', `the workflow uses ${extra}, which this version does not run`, {
      hint: 'run it with a version of sheaf that has it',
    });
  }
  const known = new Set<string>();
  for (const step of plan.steps) {
    if (!isStepId(step.id)) throw invalid(`${quote(step.id)} is no step id`);
    if (known.has(step.id)) throw invalid(`step ${step.id} is there twice`);
    const what = findUnsupported(step);
    if (what !== undefined) {
      throw new EngineError(
        'plan.unsupported',
        `step ${step.id} uses ${what}, which this version does not run`,
        {
          hint: 'run it with a version of sheaf that has it',
        },
      );
    }
    const script = step.work.kind === 'shell' ? step.work.run : '';
    if (utf8Length(script) > LIMITS.argumentBytes) {
      throw invalid(
        `the script of step ${step.id} has ${utf8Length(script)} bytes, and a shell takes at most ${LIMITS.argumentBytes}`,
        'move the script into a file of the bundle and call that',
      );
    }
    for (const need of step.needs) {
      if (!known.has(need)) throw invalid(`step ${step.id} needs ${quote(need)}, which no earlier step is`);
    }
    known.add(step.id);
  }
}

/** What of a step would not be done as it is written. */
function findUnsupported(step: PlanStep): string | undefined {
  if (step.work.kind !== 'shell') return step.work.kind;
  if (typeof step.work.shell !== 'string') return 'an interpreter';
  const parts = ['inputs', 'retry', 'foreach', 'cache'] as const;
  return parts.find((part) => step[part] !== undefined);
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

function invalid(
  detail: string,
  hint = 'make the plan from the definition again with this version of sheaf',
): EngineError {
  return new EngineError('plan.invalid', `the plan cannot be run: ${detail}`, {
    hint,
  });
}
