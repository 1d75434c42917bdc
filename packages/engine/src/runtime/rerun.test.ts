import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, PlanStep } from '@sheaf/workflow';
import type { JournalEvent } from '../core/events.js';
import { reuseSteps } from '../core/reuse.js';
import type { RunState } from '../core/run-state.js';
import { fakeRunner } from '../testing/fake-runner.js';
import { testPlan, testStep } from '../testing/plan.js';
import { randomPlan } from '../testing/random-plan.js';
import { runInMemory } from '../testing/run-plan.js';
import { timedRunner } from '../testing/timed-runner.js';
import { virtualTime } from '../testing/virtual-time.js';
import { stepResults } from './result.js';

/** What a step does follows from how it is written alone: `fail` in its script fails it. */
async function run(plan: Plan, runId: string, reused: readonly JournalEvent[] = []) {
  const runner = fakeRunner((spec) => {
    const script = spec.args.at(-1) ?? '';
    return { exitCode: script.startsWith('fail') ? 1 : 0, stdout: `${script} of ${spec.step}` };
  });
  const { state } = await runInMemory(plan, runner, { runId, maxParallel: 3, first: reused });
  return { state, ran: new Set(runner.started.map((spec) => spec.step)) };
}

const scripts = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'fail 1', 'fail 2');
const nodes = fc.record({
  needs: fc.array(fc.nat(), { maxLength: 3 }),
  script: scripts,
  onFailure: fc.constantFrom('fail' as const, 'continue' as const),
  when: fc.constantFrom(undefined, undefined, '${{ true }}', '${{ false }}'),
});
const edits = fc.array(
  fc.record({ at: fc.nat(), what: fc.constantFrom('script', 'needs', 'when', 'gone'), script: scripts }),
  { maxLength: 3 },
);

function stepAt(index: number, node: typeof nodes extends fc.Arbitrary<infer N> ? N : never): PlanStep {
  return testStep(`s${index}`, {
    needs: index === 0 ? [] : [...new Set(node.needs.map((need) => `s${need % index}`))],
    run: node.script,
    onFailure: node.onFailure,
    ...(node.when === undefined ? {} : { when: node.when }),
  });
}

function edit(
  steps: readonly PlanStep[],
  { at, what, script }: { at: number; what: string; script: string },
) {
  const index = at % steps.length;
  const step = steps[index] ?? testStep('none');
  if (what === 'gone') {
    return steps
      .filter((each) => each.id !== step.id)
      .map((each) => ({ ...each, needs: each.needs.filter((need) => need !== step.id) }));
  }
  const changed = {
    script: { ...step, run: script },
    needs: { ...step, needs: steps.slice(0, at % (index + 1)).map((each) => each.id) },
    when: { ...step, when: '${{ 1 == 1 }}' },
  }[what];
  return steps.map((each) => (each.id === step.id && changed !== undefined ? changed : each));
}

const outcomes = ({ steps }: RunState) =>
  Object.fromEntries(
    [...steps].map(([id, { status, outcome, reason }]) => [id, [status, outcome?.outputs, reason?.code]]),
  );

describe('a rerun', () => {
  it('takes over no step that was changed, that rests on one that was, or that was not done; and ends as a fresh run does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(nodes, { minLength: 2, maxLength: 25 }),
        edits,
        fc.nat(),
        async (graph, changes, at) => {
          const before = testPlan(graph.map((node, index) => stepAt(index, node)));
          const edited = changes.reduce<readonly PlanStep[]>(
            (steps, change) => (steps.length > 1 ? edit(steps, change) : steps),
            before.steps,
          );
          const after = testPlan(edited);
          const from = after.steps[at % after.steps.length]?.id ?? '';
          const earlier = (await run(before, 'run1')).state;
          const { events } = reuseSteps(earlier, after, from);
          const kept = new Set(events.flatMap((event) => ('step' in event ? event.step : [])));
          const olds = new Map(before.steps.map((step) => [step.id, step]));
          for (const step of after.steps) {
            if (!kept.has(step.id)) continue;
            expect(step.id).not.toBe(from);
            expect(olds.get(step.id)).toEqual(step);
            for (const need of step.needs) expect(kept).toContain(need);
            const done = earlier.steps.get(step.id);
            expect(done?.status === 'failed' && step.onFailure === 'fail').toBe(false);
            expect(done?.reason?.code).not.toBe('step.need_failed');
          }
          const again = await run(after, 'run2', events);
          for (const step of kept) expect(again.ran).not.toContain(step);
          expect(outcomes(again.state)).toEqual(outcomes((await run(after, 'run3')).state));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('of any plan of blocks and loops ends as a fresh run does, and runs nothing again that it has taken over', async () => {
    const shape = fc.record({
      size: fc.integer({ min: 1, max: 120 }),
      seed: fc.nat(),
      isCapped: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(shape, fc.nat(), async (of, at) => {
        const { plan, expected } = randomPlan(of);
        const start = async (runId: string, first: readonly JournalEvent[] = []) => {
          const time = virtualTime();
          const runner = timedRunner(time, ({ args }) => {
            const [duration = '1', fails] = (args.at(-1) ?? '').split(' ');
            return { durationMs: Number(duration), exitCode: fails === undefined ? 0 : 1 };
          });
          const { state } = await runInMemory(plan, runner, { runId, time, first });
          return { state, ran: runner.ran.map(({ spec }) => spec.step) };
        };
        const earlier = await start('run1');
        const paths = [...earlier.state.steps.keys()];
        const from = paths[at % paths.length] ?? '';
        const { events } = reuseSteps(earlier.state, plan, from);
        const again = await start('run2', events);
        const found = Object.entries(stepResults(again.state)).map(
          ([path, { status }]) => [path, status] as const,
        );
        expect(new Map(found)).toEqual(expected.statuses);
        const kept = events.flatMap((event) => (event.type === 'step.reused' ? event.step : []));
        for (const path of kept) expect(again.ran).not.toContain(path);
        for (const path of kept)
          expect(path === from || path.startsWith(`${from}.`) || path.startsWith(`${from}[`)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  const chain = testPlan([
    testStep('log', { run: 'a' }),
    testStep('notes', { needs: ['log'], run: 'b' }),
    testStep('tell', { needs: ['notes'], run: 'fail 1' }),
    testStep('other', { run: 'c' }),
    testStep('end', { needs: ['tell'], run: 'd' }),
  ]);
  const taken = async (after: Plan, from: string): Promise<readonly string[]> => {
    const { state } = await run(chain, 'run1');
    return reuseSteps(state, after, from).events.flatMap((event) => ('step' in event ? event.step : []));
  };

  it('keeps what is done and does not rest on the step, and nothing else', async () => {
    expect(await taken(chain, 'tell')).toEqual(['log', 'notes', 'other']);
    expect(await taken(chain, 'log')).toEqual(['other']);
    expect(await taken(chain, 'end')).toEqual(['log', 'notes', 'other']);
  });

  it('keeps nothing when a parameter has another value, because every step is given it', async () => {
    expect(await taken({ ...chain, parameters: { since: 'v2' } }, 'tell')).toEqual([]);
  });

  const told = async (after: Plan, from?: string) => {
    const { redone } = reuseSteps((await run(chain, 'run1')).state, after, from);
    return redone.map(({ step, because, message }) => `${step} ${because}: ${message}`);
  };
  const changed = (id: string, more: Partial<PlanStep>): Plan => ({
    ...chain,
    steps: chain.steps.map((step) => (step.id === id ? { ...step, ...more } : step)),
  });

  it('says of each step that it does again why', async () => {
    expect(await told(chain, 'notes')).toEqual([
      'notes asked: it was asked for',
      'tell needs: it rests on notes',
      'end needs: it rests on tell',
    ]);
    expect(await told(chain)).toEqual(['tell unfinished: it failed', 'end needs: it rests on tell']);
    expect(await told({ ...chain, parameters: { since: 'v2' } }, 'end')).toEqual([
      'log parameters: another value of since',
      'notes parameters: another value of since',
      'tell parameters: another value of since',
      'other parameters: another value of since',
      'end asked: it was asked for',
    ]);
    expect(await told({ ...chain, steps: [...chain.steps, testStep('more')] })).toContain(
      'more new: it is new',
    );
  });

  it('names what of a step is written otherwise, as the definition calls it', async () => {
    const [first] = await told(changed('log', { env: { A: '1', B: '2', C: '3', D: '4' }, timeoutMs: 5 }));
    expect(first).toBe('log definition: env.A, env.B, env.C, 2 more changed');
    const work = { kind: 'shell', run: 'z', shell: 'bash' } as const;
    const lines = await told(changed('other', { work, onFailure: 'continue' }));
    expect(lines).toContain('other definition: on_failure, run changed');
  });

  it('names the run in which a step was really done, also after two reruns', async () => {
    const first = (await run(chain, 'run1')).state;
    const second = (await run(chain, 'run2', reuseSteps(first, chain, 'tell').events)).state;
    const { events } = reuseSteps(second, chain, 'notes');
    expect(events).toMatchObject([
      { step: 'log', from: 'run1' },
      { step: 'other', from: 'run1' },
    ]);
  });
});
