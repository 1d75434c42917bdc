import fc from 'fast-check';
import type { Plan } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { testPlan, testStep } from '../testing/plan.js';
import type { Command } from './command.js';
import { decide, nextCommands } from './decide.js';
import type { JournalEvent } from './events.js';
import { applyEvent, createState } from './state.js';

const isolation = { profile: 'permissive', sandbox: 'none' } as const;

const RUN = 'run1';

function started(plan: Plan, maxParallel = 8): JournalEvent {
  return {
    type: 'run.started',
    plan,
    planDigest: 'sha256:0',
    source: { kind: 'local', path: '/w' },
    cwd: '/w',
    isolation,
    maxParallel,
  };
}
const start = (step: string, attempt = 1): JournalEvent => ({ type: 'step.started', step, attempt });
function finish(step: string, status: 'succeeded' | 'failed' = 'succeeded', stdout = ''): JournalEvent {
  const outputs = { stdout, exit_code: status === 'failed' ? 1 : 0 };
  return { type: 'step.finished', step, attempt: 1, status, outputs, durationMs: 1 };
}
const ids = (commands: readonly Command[]) =>
  commands.map((command) =>
    command.type === 'record'
      ? `${command.event.type} ${'step' in command.event ? command.event.step : ''}`.trim()
      : `${command.type} ${'step' in command ? command.step : command.name}`,
  );

describe('decide', () => {
  it('starts what needs nothing, in the order of the plan, up to the cap', () => {
    const plan = testPlan([testStep('a'), testStep('b'), testStep('c')]);
    expect(ids(decide(plan, RUN, [started(plan, 2)]))).toEqual(['start a', 'start b']);
    expect(ids(decide(plan, RUN, [started(plan, 2), start('a'), start('b'), finish('b')]))).toEqual([
      'start c',
    ]);
  });

  it('starts a step only when all that it needs is done', () => {
    const plan = testPlan([testStep('a'), testStep('b'), testStep('c', { needs: ['a', 'b'] })]);
    const events = [started(plan), start('a'), start('b'), finish('a')];
    expect(ids(decide(plan, RUN, events))).toEqual([]);
    expect(ids(decide(plan, RUN, [...events, finish('b')]))).toEqual(['start c']);
  });

  it('skips what needs a failed step, and what needs that, and lets independent steps go on', () => {
    const plan = testPlan([
      testStep('a'),
      testStep('b', { needs: ['a'] }),
      testStep('c', { needs: ['b'] }),
      testStep('other'),
    ]);
    const events = [started(plan, 1), start('a'), finish('a', 'failed')];
    const commands = decide(plan, RUN, events);
    expect(ids(commands)).toEqual(['step.skipped b', 'start other']);
    const [skip] = commands;
    if (skip?.type !== 'record') throw new Error('no record');
    const next = decide(plan, RUN, [...events, skip.event]);
    expect(next[0]).toMatchObject({ event: { step: 'c', reason: { code: 'step.need_failed' } } });
  });

  it('counts a failure as done where the step says to continue', () => {
    const plan = testPlan(
      [
        testStep('a', { onFailure: 'continue' }),
        testStep('b', { needs: ['a'], env: { S: '${{ steps.a.status }}' } }),
      ],
      { outputs: { status: '${{ steps.a.status }}' } },
    );
    const events = [started(plan), start('a'), finish('a', 'failed')];
    expect(decide(plan, RUN, events)).toMatchObject([{ type: 'start', step: 'b', env: { S: 'failed' } }]);
    expect(decide(plan, RUN, [...events, start('b'), finish('b')])).toMatchObject([
      { event: { type: 'run.finished', status: 'succeeded', outputs: { status: 'failed' } } },
    ]);
  });

  it('counts a step that its own condition skips as done, without outputs', () => {
    const plan = testPlan([
      testStep('a', { when: '${{ 1 > 2 }}' }),
      testStep('b', { needs: ['a'], when: '${{ !has(steps.a.outputs.stdout) }}' }),
    ]);
    const [skip] = decide(plan, RUN, [started(plan)]);
    expect(skip).toMatchObject({ event: { type: 'step.skipped', reason: { code: 'step.when' } } });
    if (skip?.type !== 'record') throw new Error('no record');
    expect(ids(decide(plan, RUN, [started(plan), skip.event]))).toEqual(['start b']);
  });

  it('fails a step whose expression fails, without starting it', () => {
    const plan = testPlan([
      testStep('a'),
      testStep('b', { needs: ['a'], env: { N: '${{ steps.a.outputs.nothing }}' } }),
    ]);
    const events = [started(plan), start('a'), finish('a')];
    const [fail] = decide(plan, RUN, events);
    expect(fail).toMatchObject({
      event: {
        type: 'step.finished',
        step: 'b',
        attempt: 0,
        status: 'failed',
        reason: { code: 'expression.failed' },
      },
    });
    if (fail?.type !== 'record') throw new Error('no record');
    expect(decide(plan, RUN, [...events, fail.event])).toMatchObject([{ event: { status: 'failed' } }]);
  });

  it('says why standard output is missing that was too large to keep', () => {
    const plan = testPlan([testStep('a')], { outputs: { text: '${{ steps.a.outputs.stdout }}' } });
    const dropped: JournalEvent = {
      type: 'step.finished',
      step: 'a',
      attempt: 1,
      status: 'succeeded',
      outputs: { exit_code: 0 },
      stdoutDropped: true,
      durationMs: 1,
    };
    expect(decide(plan, RUN, [started(plan), start('a'), dropped])).toMatchObject([
      { event: { status: 'failed', reason: { hint: expect.stringContaining('$SHEAF_OUTPUT') as string } } },
    ]);
  });

  it('stops what runs when cancelled, starts nothing more, and then ends as cancelled', () => {
    const plan = testPlan([testStep('a'), testStep('b', { needs: ['a'] })]);
    const events: JournalEvent[] = [started(plan), start('a'), { type: 'run.cancelling' }];
    expect(ids(decide(plan, RUN, events))).toEqual(['stop a']);
    const stopped: JournalEvent = {
      type: 'step.interrupted',
      step: 'a',
      attempt: 1,
      reason: { code: 'step.cancelled', message: 'stopped' },
    };
    expect(decide(plan, RUN, [...events, stopped])).toMatchObject([{ event: { status: 'cancelled' } }]);
  });

  it('runs an interrupted step again as a new attempt after a resume', () => {
    const plan = testPlan([testStep('a'), testStep('b')]);
    const interrupted: JournalEvent = {
      type: 'step.interrupted',
      step: 'b',
      attempt: 1,
      reason: { code: 'step.interrupted', message: 'killed' },
    };
    const events = [started(plan), start('a'), start('b'), finish('a'), interrupted];
    expect(decide(plan, RUN, [...events, { type: 'run.resumed', isolation, maxParallel: 1 }])).toMatchObject([
      { type: 'start', step: 'b', attempt: 2 },
    ]);
  });

  it('keeps output names that are special in JavaScript harmless', () => {
    const plan = testPlan([testStep('a')], {
      outputs: { v: "${{ has(steps.a.outputs.constructor) ? 'yes' : 'no' }}" },
    });
    const outputs = JSON.parse('{"__proto__": {"polluted": true}}') as Record<string, string>;
    const event: JournalEvent = {
      type: 'step.finished',
      step: 'a',
      attempt: 1,
      status: 'succeeded',
      outputs,
      durationMs: 1,
    };
    expect(decide(plan, RUN, [started(plan), start('a'), event])).toMatchObject([
      { event: { outputs: { v: 'no' } } },
    ]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['an unknown step', [start('zzz')]],
    ['a start before the run', undefined],
    ['a start of a step that waits', [start('b')]],
    ['an end without a start', [finish('a')]],
    ['a second start', [start('a'), start('a')]],
    ['a wrong attempt', [start('a', 2)]],
  ] as const)('refuses a journal with %s', (_what, events) => {
    const plan = testPlan([testStep('a'), testStep('b', { needs: ['a'] })]);
    const all = events === undefined ? [start('a')] : [started(plan), ...events];
    expect(() => decide(plan, RUN, all)).toThrow(
      expect.objectContaining({ code: 'journal.corrupt' }) as Error,
    );
  });
});

/** What the rules of the engine say about every step, computed anew from all events by looking at all steps. */
function oracle(
  plan: Plan,
  events: readonly JournalEvent[],
): { start: Set<string>; skip: Set<string>; done: boolean } {
  const last = new Map<string, JournalEvent>();
  for (const event of events) if ('step' in event) last.set(event.step, event);
  const bad = (id: string): boolean => {
    const event = last.get(id);
    if (event?.type === 'step.skipped') return event.reason.code === 'step.need_failed';
    if (event?.type !== 'step.finished' || event.status !== 'failed') return false;
    return plan.steps.find((step) => step.id === id)?.onFailure === 'fail';
  };
  const isSettled = (id: string): boolean =>
    ['step.finished', 'step.skipped'].includes(last.get(id)?.type ?? '');
  const isOpen = (id: string): boolean => !isSettled(id) && last.get(id)?.type !== 'step.started';
  const ready = plan.steps.filter((step) => isOpen(step.id) && step.needs.every(isSettled));
  return {
    start: new Set(ready.filter((step) => !step.needs.some(bad)).map((step) => step.id)),
    skip: new Set(ready.filter((step) => step.needs.some(bad)).map((step) => step.id)),
    done: plan.steps.every((step) => isSettled(step.id)),
  };
}

const graphs = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat(), { maxLength: 4 }),
      fails: fc.boolean(),
      onFailure: fc.constantFrom<('fail' | 'continue')[]>('fail', 'continue'),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((nodes) => ({
    fails: nodes.map((node) => node.fails),
    plan: testPlan(
      nodes.map(({ needs, onFailure }, index) =>
        testStep(`s${index}`, {
          needs: index === 0 ? [] : [...new Set(needs.map((need) => `s${need % index}`))],
          onFailure,
        }),
      ),
    ),
  }));

describe('nextCommands', () => {
  it('agrees, after every event of any run, with a fold from nothing and with the rules applied to all steps', () => {
    fc.assert(
      fc.property(
        graphs,
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(), { minLength: 1 }),
        (graph, cap, picks) => {
          const { plan, fails } = graph;
          const events: JournalEvent[] = [];
          const state = createState(plan, RUN);
          const record = (event: JournalEvent): void => {
            events.push(event);
            applyEvent(state, event);
          };
          record(started(plan, cap));
          for (let turn = 0; state.phase !== 'finished'; turn += 1) {
            const commands = nextCommands(state);
            expect(commands).toEqual(decide(plan, RUN, events));
            const rules = oracle(plan, events);
            const running = [...state.running].map((entry) => entry.step.id);
            const records = commands.flatMap((command) => (command.type === 'record' ? [command.event] : []));
            const starts = commands.flatMap((command) => (command.type === 'start' ? [command.step] : []));
            expect(starts).toHaveLength(Math.min(cap - running.length, rules.start.size));
            expect(starts.every((id) => rules.start.has(id))).toBe(true);
            expect(new Set(records.flatMap((event) => ('step' in event ? [event.step] : [])))).toEqual(
              rules.skip,
            );
            expect(records.some((event) => event.type === 'run.finished')).toBe(rules.done);
            const pick = picks[turn % picks.length] ?? 0;
            const attemptOf = (id: string): number => state.steps.get(id)?.attempts ?? 0;
            const options: JournalEvent[] = [
              ...records,
              ...starts.map((id) => start(id, attemptOf(id) + 1)),
              ...running.map((id): JournalEvent => {
                const status = fails[Number(id.slice(1))] === true ? 'failed' : 'succeeded';
                return { ...finish(id, status), attempt: attemptOf(id) } as JournalEvent;
              }),
              ...running
                .filter((id) => attemptOf(id) < 3)
                .map((step): JournalEvent => {
                  const reason = { code: 'step.interrupted', message: 'killed' } as const;
                  return { type: 'step.interrupted', step, attempt: attemptOf(step), reason };
                }),
            ];
            const choice = options[pick % options.length];
            if (choice === undefined) throw new Error('the run stands still');
            record(choice);
          }
          const failed = plan.steps.some((step) => {
            const entry = state.steps.get(step.id);
            return entry?.status === 'failed' && step.onFailure === 'fail';
          });
          expect(state.end?.status).toBe(failed ? 'failed' : 'succeeded');
        },
      ),
    );
  });
});
