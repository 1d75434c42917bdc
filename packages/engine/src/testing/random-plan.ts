import type { Plan, PlanStep } from '@sheaf/workflow';
import { testPlan, testStep } from './plan.js';

/** What a plan made at random should come to, found by looking at the plan alone. */
export interface Expected {
  /** By path. */
  readonly statuses: ReadonlyMap<string, 'succeeded' | 'failed' | 'skipped'>;
  /** By path of a step, the paths of what must have ended before it may begin. */
  readonly before: ReadonlyMap<string, readonly string[]>;
  /** Milliseconds that its processes and waits take in all. */
  readonly workMs: number;
  /** The longest of its chains, with waits. */
  readonly longestMs: number;
}

export interface RandomPlan {
  readonly plan: Plan;
  readonly expected: Expected;
}

interface Shape {
  /** About how many steps it should have, those of loops and blocks counted. */
  readonly size: number;
  readonly seed: number;
  /** Loops say how many items may run at once. */
  readonly isCapped: boolean;
}

/** A plan with blocks, loops, waits and failures, that depends on nothing but its shape. Scripts are `<duration>` or `<duration> fail`. */
export function randomPlan({ size, seed, isCapped }: Shape): RandomPlan {
  const random = generator(seed);
  const pick = (below: number): number => Math.floor(random() * below);
  let left = size;
  const makeSteps = (count: number, depth: number): PlanStep[] => {
    const steps: PlanStep[] = [];
    for (let index = 0; index < count && left > 0; index += 1) {
      const needs = new Set<string>();
      for (let tries = pick(4); tries > 0 && index > 0; tries -= 1) needs.add(`s${pick(index)}`);
      steps.push(makeStep(`s${index}`, [...needs], depth));
    }
    return steps;
  };
  const makeStep = (id: string, needs: readonly string[], depth: number): PlanStep => {
    left -= 1;
    const onFailure = pick(4) === 0 ? 'continue' : 'fail';
    const kind = pick(10);
    if (kind === 0)
      return testStep(id, { needs, onFailure, work: { kind: 'wait', seconds: (1 + pick(20)) / 1000 } });
    const run = `${1 + pick(9)}${pick(12) === 0 ? ' fail' : ''}`;
    if (kind > 2 || depth > 3) return testStep(id, { needs, onFailure, run });
    if (kind === 1) {
      return testStep(id, {
        needs,
        onFailure,
        work: { kind: 'block', steps: makeSteps(1 + pick(12), depth + 1) },
      });
    }
    const items = pick(10);
    left -= items;
    const foreach = {
      items: `\${{ [${Array.from({ length: items }, (_, item) => item).join(', ')}] }}`,
      as: 'item',
      ...(isCapped ? { maxParallel: 1 + pick(3) } : {}),
    };
    const before = left;
    const steps = pick(2) === 0 ? makeSteps(1 + pick(4), depth + 2) : undefined;
    left -= (before - left) * Math.max(0, items - 1);
    return testStep(id, {
      needs,
      onFailure,
      foreach,
      ...(steps === undefined ? { run } : { work: { kind: 'block', steps } }),
    });
  };
  const plan = testPlan(makeSteps(size, 0));
  return { plan, expected: expect(plan) };
}

function expect(plan: Plan): Expected {
  const statuses = new Map<string, 'succeeded' | 'failed' | 'skipped'>();
  const before = new Map<string, readonly string[]>();
  let workMs = 0;
  const visitScope = (steps: readonly PlanStep[], prefix: string, outer: readonly string[]): Visited => {
    const ends = new Map<string, Visited>();
    for (const step of steps) {
      const path = prefix + step.id;
      const needs = step.needs.map((need) => prefix + need);
      const known = step.needs.flatMap((need) => ends.get(need) ?? []);
      before.set(path, [...outer, ...needs]);
      const start = Math.max(0, ...known.map(({ longestMs }) => longestMs));
      if (known.some(({ spreads }) => spreads)) {
        statuses.set(path, 'skipped');
        ends.set(step.id, { spreads: true, hasFailed: false, longestMs: start });
        continue;
      }
      const { hasFailed, longestMs } = visitStep(step, path, [...outer, ...needs]);
      const spreads = hasFailed && step.onFailure === 'fail';
      statuses.set(path, hasFailed ? 'failed' : 'succeeded');
      ends.set(step.id, { spreads, hasFailed: spreads, longestMs: start + longestMs });
    }
    return merge([...ends.values()]);
  };
  const visitStep = (step: PlanStep, path: string, outer: readonly string[]): Visited => {
    const { work, foreach } = step;
    if (foreach !== undefined) {
      const count = foreach.items === '${{ [] }}' ? 0 : foreach.items.split(',').length;
      const items = Array.from({ length: count }, (_, index) => {
        const item = `${path}[${index}]`;
        before.set(item, outer);
        const { id, needs, env, onFailure } = step;
        const visited = visitStep({ id, needs, env, onFailure, work }, item, outer);
        statuses.set(item, visited.hasFailed ? 'failed' : 'succeeded');
        return visited;
      });
      return merge(items);
    }
    if (work.kind === 'block') return visitScope(work.steps, `${path}.`, outer);
    if (work.kind === 'wait') {
      workMs += Number(work.seconds) * 1000;
      return { spreads: false, hasFailed: false, longestMs: Number(work.seconds) * 1000 };
    }
    const script = work.kind === 'shell' ? work.run : '';
    const durationMs = Number.parseInt(script, 10);
    workMs += durationMs;
    return { spreads: false, hasFailed: script.endsWith('fail'), longestMs: durationMs };
  };
  const { longestMs } = visitScope(plan.steps, '', []);
  return { statuses, before, workMs, longestMs };
}

interface Visited {
  readonly spreads: boolean;
  readonly hasFailed: boolean;
  readonly longestMs: number;
}

function merge(parts: readonly Visited[]): Visited {
  return {
    spreads: false,
    hasFailed: parts.some(({ hasFailed }) => hasFailed),
    longestMs: Math.max(0, ...parts.map(({ longestMs }) => longestMs)),
  };
}

/** Numbers from 0 to 1 that a seed always gives (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
