import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '@sheaf/workflow';
import { fakeRunner, type FakeRunner } from '../testing/fake-runner.js';
import { testPlan, testStep } from '../testing/plan.js';
import { runInMemory, type TestRun } from '../testing/run-plan.js';

const run = (plan: Plan, runner: FakeRunner, options: TestRun = {}) => runInMemory(plan, runner, options);

const dags = fc
  .array(fc.record({ needs: fc.array(fc.nat(), { maxLength: 3 }), fails: fc.integer({ min: 0, max: 9 }) }), {
    minLength: 1,
    maxLength: 300,
    size: 'max',
  })
  .map((nodes) => ({
    failing: new Set(nodes.flatMap(({ fails }, index) => (fails === 0 ? [`s${index}`] : []))),
    plan: testPlan(
      nodes.map(({ needs }, index) =>
        testStep(`s${index}`, {
          needs: index === 0 ? [] : [...new Set(needs.map((need) => `s${need % index}`))],
        }),
      ),
    ),
  }));

describe('driveRun', () => {
  it('runs any graph in order, within the cap, every step once and to the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        dags,
        fc.integer({ min: 1, max: 9 }),
        fc.nat(),
        async ({ plan, failing }, cap, seed) => {
          let turn = seed;
          const runner = fakeRunner(
            (spec) => ({ exitCode: failing.has(spec.step) ? 1 : 0 }),
            (alive) => (turn = (turn * 31 + 7) % 65_521) % alive,
          );
          const { state, events } = await run(plan, runner, { maxParallel: cap });
          expect(runner.peak()).toBeLessThanOrEqual(cap);
          const settledAt = new Map<string, number>();
          const startedAt = new Map<string, number>();
          for (const [index, event] of events.entries()) {
            if (event.type === 'step.started') {
              expect(startedAt.has(event.step)).toBe(false);
              startedAt.set(event.step, index);
            } else if (event.type === 'step.finished' || event.type === 'step.skipped') {
              expect(settledAt.has(event.step)).toBe(false);
              settledAt.set(event.step, index);
            }
          }
          for (const step of plan.steps) {
            expect(settledAt.has(step.id)).toBe(true);
            for (const need of step.needs) {
              const at = startedAt.get(step.id) ?? settledAt.get(step.id) ?? -1;
              expect(settledAt.get(need)).toBeLessThan(at);
            }
          }
          expect(runner.started.map((spec) => spec.step).sort()).toEqual([...startedAt.keys()].sort());
          expect(state.end?.status).toBe(
            plan.steps.some((step) => failing.has(step.id)) ? 'failed' : 'succeeded',
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('journals a start before the process begins', async () => {
    const plan = testPlan([testStep('a')]);
    const seen: string[] = [];
    const runner = fakeRunner(() => {
      seen.push('process');
      return { exitCode: 0 };
    });
    await run(plan, runner, { onEvent: (event) => seen.push(event.type) });
    expect(seen).toEqual([
      'run.started',
      'step.started',
      'process',
      'step.spawned',
      'step.finished',
      'run.finished',
    ]);
  });

  it('needs time that grows with the steps and not with their square', async () => {
    const time = async (count: number): Promise<number> => {
      const plan = testPlan(Array.from({ length: count }, (_, index) => testStep(`s${index}`)));
      const before = process.cpuUsage();
      await run(
        plan,
        fakeRunner(() => ({ exitCode: 0 })),
        { maxParallel: 2 },
      );
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    await time(1_000);
    const [small, large] = [await time(1_000), await time(10_000)];
    expect(large / small).toBeLessThan(40);
  });

  it('stops what runs when the signal aborts, and ends as cancelled', async () => {
    const plan = testPlan([testStep('a'), testStep('b'), testStep('c', { needs: ['a'] })]);
    const abort = new AbortController();
    const { state, events } = await run(
      plan,
      fakeRunner(() => 'hang'),
      {
        signal: abort.signal,
        onEvent: (event) => {
          if (event.type === 'step.spawned' && event.step === 'b') abort.abort();
        },
      },
    );
    expect(state.end?.status).toBe('cancelled');
    expect(events.filter((event) => event.type === 'step.interrupted')).toHaveLength(2);
    expect(events.filter((event) => event.type === 'run.cancelling')).toHaveLength(1);
  });

  it('runs nothing when the signal was aborted before', async () => {
    const runner = fakeRunner(() => 'hang');
    const { state } = await run(testPlan([testStep('a')]), runner, { signal: AbortSignal.abort() });
    expect(state.end?.status).toBe('cancelled');
    expect(runner.started).toEqual([]);
  });

  it('kills what runs and throws when the journal cannot be written', async () => {
    const plan = testPlan([testStep('a'), testStep('b')]);
    const runner = fakeRunner((spec) => (spec.step === 'a' ? { exitCode: 0 } : 'hang'));
    await expect(run(plan, runner, { failAt: 5 })).rejects.toThrow('the disk is full');
    expect(runner.started.map((spec) => spec.step)).toEqual(['a', 'b']);
  });

  it('throws what a listener of output throws, after ending what runs', async () => {
    const plan = testPlan([testStep('a'), testStep('b')]);
    const runner = fakeRunner((spec) => (spec.step === 'a' ? { exitCode: 0, stdout: 'x' } : 'hang'));
    const onOutput = (): void => {
      throw new Error('the terminal is gone');
    };
    await expect(run(plan, runner, { onOutput })).rejects.toThrow('the terminal is gone');
  });

  it('fails a step at its timeout', async () => {
    const { state } = await run(
      testPlan([testStep('a', { timeoutMs: 50 })]),
      fakeRunner(() => 'hang'),
    );
    expect(state.steps.get('a')).toMatchObject({ status: 'failed', reason: { code: 'step.timeout' } });
    expect(state.end?.status).toBe('failed');
  });

  it('fails a step whose variable no process can be given', async () => {
    const plan = testPlan([testStep('a', { env: { BIG: 'x'.repeat(200_000) } })]);
    const { state } = await run(
      plan,
      fakeRunner(() => ({ exitCode: 0 })),
    );
    expect(state.steps.get('a')).toMatchObject({ status: 'failed', reason: { code: 'step.environment' } });
  });
});
