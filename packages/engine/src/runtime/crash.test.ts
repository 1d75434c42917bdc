import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue, Plan } from '@sheaf/workflow';
import type { JournalEvent } from '../core/events.js';
import { applyEvent, createState } from '../core/state.js';
import type { ProcessSpec } from '../ports.js';
import { APPROVALS, everyConstruct } from '../testing/every-construct.js';
import { randomPlan } from '../testing/random-plan.js';
import { continueInMemory, runInMemory } from '../testing/run-plan.js';
import { timedRunner, type TimedBehaviour } from '../testing/timed-runner.js';
import { virtualTime } from '../testing/virtual-time.js';
import { stepResults } from './result.js';

/** Sends what of the approvals the journal does not have yet. */
function sender(journaled: readonly JournalEvent[]) {
  return (receive: (event: JournalEvent) => void): (() => void) => {
    for (const [index, data] of APPROVALS.entries()) {
      const event = String(index);
      const known = journaled.some((each) => each.type === 'event.received' && each.event === event);
      if (!known) receive({ type: 'event.received', event, eventSource: 'http', data: data as JsonValue });
    }
    return () => undefined;
  };
}

/** What the journal says of each step in the end: how it ended, and with what. */
function endsOf(events: readonly JournalEvent[]): ReadonlyMap<string, unknown> {
  const ends = new Map<string, unknown>();
  for (const event of events) {
    if (event.type === 'step.finished')
      ends.set(event.step, [event.status, event.outputs, event.reason?.code]);
    if (event.type === 'step.skipped') ends.set(event.step, ['skipped', event.reason.code]);
    if (event.type === 'run.finished') ends.set('', [event.status, event.outputs, event.reason?.message]);
  }
  return new Map([...ends].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** Stops a run after so many events, as a crash does, and goes on with it in another engine. */
async function crashAt(
  plan: Plan,
  events: readonly JournalEvent[],
  { at, behave }: { readonly at: number; readonly behave: (spec: ProcessSpec) => TimedBehaviour },
) {
  const journaled = events.slice(0, at);
  const state = createState(plan, 'run1');
  for (const event of journaled) applyEvent(state, event);
  const finished = new Set(journaled.flatMap((event) => (event.type === 'step.finished' ? event.step : [])));
  const time = virtualTime(1_000_000);
  const runner = timedRunner(time, behave);
  const more = await continueInMemory(state, runner, { time, onReceive: sender(journaled) });
  return { state, all: [...journaled, ...more], runner, finished };
}

describe('a run of every construct', () => {
  const plan = everyConstruct(({ text, failsBefore = 0, hangs }) =>
    hangs === true ? 'hang' : `${failsBefore} ${text}`,
  );
  const behave = ({ args, attempt, env }: ProcessSpec): TimedBehaviour => {
    const script = args.at(-1) ?? '';
    if (script === 'hang') return 'hang';
    const [, before = '0', text = ''] = /^(\d+) (.*)$/.exec(script) ?? [];
    const stdout = text.replace(/\$(\w+)/g, (_, name: string) => env[name] ?? '');
    return attempt < Number(before)
      ? { exitCode: 3, stdout }
      : { stdout, durationMs: 1 + (stdout.length % 7) };
  };

  it('that crashes at any event and is gone on with ends as it would have, and runs nothing twice that finished', async () => {
    const time = virtualTime(1_000_000);
    const runner = timedRunner(time, behave);
    const { events } = await runInMemory(plan, runner, { time, onReceive: sender([]) });
    const wanted = endsOf(events);
    expect(wanted.get('')).toEqual(['failed', {}, 'step fails failed']);
    expect(wanted.get('catch.report')).toEqual([
      'succeeded',
      { stdout: 'fails step.exit', exit_code: 0 },
      undefined,
    ]);
    expect(wanted.get('notify.catch.undo')).toEqual([
      'succeeded',
      { stdout: 'undone', exit_code: 0 },
      undefined,
    ]);
    const kinds = new Set(events.map((event) => event.type));
    expect(kinds.size).toBe(14);
    for (let at = 1; at < events.length; at += 1) {
      const { all, runner: second, finished } = await crashAt(plan, events, { at, behave });
      expect([at, digest([...endsOf(all)])]).toEqual([at, digest([...wanted])]);
      for (const { spec } of second.ran) expect(finished).not.toContain(spec.step);
    }
  });
});

describe('any plan', () => {
  it('that crashes anywhere and is gone on with ends as it would have', async () => {
    const shape = fc.record({
      size: fc.integer({ min: 1, max: 150 }),
      seed: fc.nat(),
      isCapped: fc.boolean(),
    });
    const behave = ({ args }: ProcessSpec): TimedBehaviour => {
      const [duration = '1', fails] = (args.at(-1) ?? '').split(' ');
      return { durationMs: Number(duration), exitCode: fails === undefined ? 0 : 1 };
    };
    await fc.assert(
      fc.asyncProperty(shape, fc.nat(), async (of, where) => {
        const { plan, expected } = randomPlan(of);
        const time = virtualTime();
        const { events } = await runInMemory(plan, timedRunner(time, behave), { time });
        const at = 1 + (where % (events.length - 1));
        const { state, runner, finished } = await crashAt(plan, events, { at, behave });
        const found = Object.entries(stepResults(state)).map(([path, { status }]) => [path, status] as const);
        expect(new Map(found)).toEqual(expected.statuses);
        for (const { spec } of runner.ran) expect(finished).not.toContain(spec.step);
      }),
      { numRuns: 60 },
    );
  });
});
