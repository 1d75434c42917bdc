import type { RunDetails, StepResult } from '@sheaf/engine';
import { printable } from '../terminal/escape.js';

/** Why each step of a run was done, or was not: what the step cache had, what a rerun took over, and what was not as it was. */
export function explainSteps({ steps, rerunOf, plan }: RunDetails): readonly string[] {
  const again = new Map((rerunOf?.redone ?? []).map(({ step, message }) => [step, message]));
  const cached = new Set(plan.steps.flatMap(({ id, cache }) => (cache === undefined ? [] : id)));
  return Object.entries(steps).flatMap(([path, step]) => {
    const [first = '', ...more] = explain(step, again.get(path), cached.has(path));
    return [`${path}: ${first}`, ...more.map((line) => `  ${line}`)].map(printable);
  });
}

function explain(
  { status, attempts, reason, reusedFrom, cache }: StepResult,
  again: string | undefined,
  mayCache: boolean,
): readonly string[] {
  const lines = again === undefined ? [] : [`done again, ${again}`];
  if (reusedFrom !== undefined) return ['not done, what run ' + reusedFrom + ' did stands for it'];
  if (cache?.result === 'hit') return [...lines, `not done, the cache had it ${cache.why}`];
  if (cache !== undefined) {
    const { why, changed } = cache;
    return changed === undefined
      ? [...lines, `not in the cache: ${why}`]
      : [...lines, 'not in the cache:', ...changed];
  }
  if (attempts === 0) return [...lines, reason === undefined ? status : `${status}: ${reason.message}`];
  if (lines.length > 0) return lines;
  return [mayCache ? `${status}, not looked for in the cache` : 'done, its definition has no cache'];
}
