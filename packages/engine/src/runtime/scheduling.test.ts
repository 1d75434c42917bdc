import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runInMemory } from '../testing/run-plan.js';
import { randomPlan, type RandomPlan } from '../testing/random-plan.js';
import { timedRunner } from '../testing/timed-runner.js';
import { virtualTime } from '../testing/virtual-time.js';
import { stepResults } from './result.js';

async function run({ plan }: RandomPlan, maxParallel: number) {
  const time = virtualTime();
  const runner = timedRunner(time, ({ args }) => {
    const [duration = '1', fails] = (args.at(-1) ?? '').split(' ');
    return { durationMs: Number(duration), exitCode: fails === undefined ? 0 : 1 };
  });
  const { state, events } = await runInMemory(plan, runner, { time, maxParallel });
  return { state, events, runner, tookMs: time.now() };
}

/** Where in the journal each step began and ended. */
function placesOf(events: Awaited<ReturnType<typeof run>>['events']) {
  const began = new Map<string, number>();
  const ended = new Map<string, number>();
  for (const [place, event] of events.entries()) {
    if (!('step' in event)) continue;
    if (event.type === 'step.finished' || event.type === 'step.skipped') {
      if (ended.has(event.step)) throw new Error(`${event.step} ended twice`);
      ended.set(event.step, place);
      if (!began.has(event.step)) began.set(event.step, place);
    } else if (event.type !== 'step.spawned' && !began.has(event.step)) began.set(event.step, place);
  }
  return { began, ended };
}

const shapes = (isCapped: boolean) =>
  fc.record({ size: fc.integer({ min: 1, max: 2_000 }), seed: fc.nat(), isCapped: fc.constant(isCapped) });
const caps = fc.integer({ min: 1, max: 12 });

describe('any plan of blocks, loops, waits and failures', () => {
  it('runs in order, every step to the end that follows from it, within the cap and the bound of Graham', async () => {
    await fc.assert(
      fc.asyncProperty(shapes(false), caps, async (shape, cap) => {
        const random = randomPlan(shape);
        const { state, events, runner, tookMs } = await run(random, cap);
        const { expected } = random;
        const found = Object.entries(stepResults(state)).map(([path, { status }]) => [path, status] as const);
        expect(new Map(found)).toEqual(expected.statuses);
        const { began, ended } = placesOf(events);
        for (const [path, needs] of expected.before) {
          for (const need of needs) {
            if (began.has(path)) expect(ended.get(need)).toBeLessThan(began.get(path) ?? 0);
          }
        }
        expect(runner.peak()).toBeLessThanOrEqual(cap);
        // R. L. Graham, Bounds on Multiprocessing Timing Anomalies, 1969: no list schedule takes longer, not even if waits took room.
        const bound = expected.workMs / cap + (1 - 1 / cap) * expected.longestMs;
        expect(tookMs).toBeLessThanOrEqual(Math.max(bound, expected.longestMs) + 1e-6);
        expect(tookMs).toBeGreaterThanOrEqual(expected.longestMs - 1e-6);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps to the caps of its loops', async () => {
    await fc.assert(
      fc.asyncProperty(shapes(true), caps, async (shape, cap) => {
        const random = randomPlan(shape);
        const { state, runner } = await run(random, cap);
        expect(runner.peak()).toBeLessThanOrEqual(cap);
        for (const entry of state.steps.values()) {
          const limit = entry.step.foreach?.maxParallel;
          if (limit === undefined || entry.step.work.kind === 'block') continue;
          expect(runner.peak((step) => step.startsWith(`${entry.path}[`))).toBeLessThanOrEqual(limit);
        }
      }),
      { numRuns: 20 },
    );
  });
});
