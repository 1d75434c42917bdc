import { describe, expect, it } from 'vitest';
import type { Plan } from '@sheaf/workflow';
import type { JournalEvent } from '../core/events.js';
import { testPlan, testStep } from '../testing/plan.js';
import { runInMemory, type TestRun } from '../testing/run-plan.js';
import { timedRunner, type TimedBehaviour } from '../testing/timed-runner.js';
import { virtualTime } from '../testing/virtual-time.js';
import { stepResults } from './result.js';

/** Runs a plan whose scripts are what they print, `fail`, `hang`, or `fail-until-3`: until the attempt of that number. */
async function run(plan: Plan, options: TestRun = {}) {
  const time = options.time ?? virtualTime();
  const runner = timedRunner(time, ({ args, attempt, env }): TimedBehaviour => {
    const script = (args.at(-1) ?? '').replace(/\$(\w+)/g, (_, name: string) => env[name] ?? '');
    if (script === 'hang') return 'hang';
    if (script === 'fail') return { exitCode: 1, stdout: '' };
    const until = /^fail-until-(\d)$/.exec(script)?.[1];
    if (until !== undefined && attempt < Number(until)) return { exitCode: 1 };
    return { stdout: script, durationMs: Number(/^\d+/.exec(script)?.[0] ?? 1) };
  });
  const { state, events } = await runInMemory(plan, runner, { ...options, time });
  const steps = stepResults(state);
  const statuses = Object.fromEntries(Object.entries(steps).map(([path, step]) => [path, step.status]));
  const started = runner.ran.map(({ spec }) => spec.step);
  return { state, events, steps, statuses, started, runner, end: state.end, tookMs: time.now() };
}

const types = (events: readonly JournalEvent[], step: string): readonly string[] =>
  events.flatMap((event) => ('step' in event && event.step === step ? [event.type] : []));
const shell = (run: string) => ({ kind: 'shell', run, shell: 'bash' }) as const;
const retry = { attempts: 3, backoff: 'exponential', delayMs: 1000, jitter: false } as const;

describe('a block', () => {
  const plan = testPlan(
    [
      testStep('before', { run: 'hello' }),
      testStep('checks', {
        needs: ['before'],
        work: {
          kind: 'block',
          steps: [
            testStep('lint', { run: '$TEXT', env: { TEXT: '${{ steps.before.outputs.stdout }} lint' } }),
            testStep('unit', { needs: ['lint'], run: '$L', env: { L: '${{ steps.lint.outputs.stdout }}!' } }),
          ],
        },
      }),
    ],
    { outputs: { text: '${{ steps.checks.outputs.unit.stdout }}' } },
  );

  it('runs its steps by their needs, which see each other and what is done around them', async () => {
    const { end, started, statuses } = await run(plan);
    expect(end).toMatchObject({ status: 'succeeded', outputs: { text: 'hello lint!' } });
    expect(started).toEqual(['before', 'checks.lint', 'checks.unit']);
    expect(statuses).toMatchObject({ checks: 'succeeded', 'checks.lint': 'succeeded' });
  });

  it('fails when a step in it does, and what needs it is skipped', async () => {
    const { end, steps } = await run(
      testPlan([
        testStep('b', {
          work: { kind: 'block', steps: [testStep('x', { run: 'fail' }), testStep('y', { needs: ['x'] })] },
        }),
        testStep('after', { needs: ['b'] }),
      ]),
    );
    expect(end).toMatchObject({ status: 'failed', reason: { message: 'step b.x failed' } });
    expect(steps).toMatchObject({
      b: { status: 'failed', reason: { code: 'step.inner_failed', message: 'step b.x failed' } },
      'b.y': { status: 'skipped', reason: { code: 'step.need_failed' } },
      after: { status: 'skipped', reason: { code: 'step.need_failed' } },
    });
  });

  it('is run again as a whole by its retry, and counts the attempts of its steps on', async () => {
    const { end, steps, started, tookMs } = await run(
      testPlan([
        testStep('b', {
          retry,
          work: {
            kind: 'block',
            steps: [testStep('x'), testStep('y', { needs: ['x'], run: 'fail-until-3' })],
          },
        }),
      ]),
    );
    expect(end?.status).toBe('succeeded');
    expect(started).toEqual(['b.x', 'b.y', 'b.x', 'b.y', 'b.x', 'b.y']);
    expect(steps).toMatchObject({ b: { attempts: 3 }, 'b.x': { attempts: 3 }, 'b.y': { attempts: 3 } });
    expect(tookMs).toBe(6 + 1000 + 2000);
  });

  it('that takes longer than its timeout stops what runs in it, and fails', async () => {
    const inner = [
      testStep('x', { run: 'hang' }),
      testStep('y', { needs: ['x'] }),
      testStep('z', { run: '5' }),
    ];
    const { end, steps, tookMs } = await run(
      testPlan([testStep('b', { timeoutMs: 50, work: { kind: 'block', steps: inner } })]),
    );
    expect(end).toMatchObject({ status: 'failed', reason: { message: 'step b failed' } });
    expect(tookMs).toBe(50);
    expect(steps).toMatchObject({
      b: { status: 'failed', reason: { code: 'step.timeout' }, durationMs: 50 },
      'b.x': { status: 'cancelled' },
      'b.z': { status: 'succeeded' },
    });
  });

  it('that holds nothing is done at once', async () => {
    const { end } = await run(testPlan([testStep('b', { work: { kind: 'block', steps: [] } })]));
    expect(end?.status).toBe('succeeded');
  });
});

describe('a loop', () => {
  const loop = (items: string, step: Parameters<typeof testStep>[1] = {}, maxParallel?: number) =>
    testStep('tell', {
      foreach: { items, as: 'who', ...(maxParallel === undefined ? {} : { maxParallel }) },
      run: '$WHO',
      env: { WHO: '${{ who }}' },
      ...step,
    });

  it('runs once for each item, and gives a list in their order', async () => {
    const { end, started, statuses } = await run(
      testPlan([loop('${{ ["30", "20", "10"] }}')], {
        outputs: {
          all: '${{ steps.tell.outputs.map(o, o.stdout) }}',
          first: '${{ steps.tell.outputs[0].stdout }}',
        },
      }),
    );
    expect(end).toMatchObject({ outputs: { all: ['30', '20', '10'], first: '30' } });
    expect(started).toEqual(['tell[0]', 'tell[1]', 'tell[2]']);
    expect(Object.keys(statuses)).toEqual(['tell', 'tell[0]', 'tell[1]', 'tell[2]']);
  });

  it('runs no more items at once than it says, and no more than the run may', async () => {
    const items = '${{ ["9", "9", "9", "9", "9", "9"] }}';
    expect((await run(testPlan([loop(items, {}, 2)]))).runner.peak()).toBe(2);
    expect((await run(testPlan([loop(items)]), { maxParallel: 3 })).runner.peak()).toBe(3);
  });

  it('lets the other items go on when one fails, retries it alone, and then fails', async () => {
    const { end, steps, started } = await run(
      testPlan([loop('${{ ["a", "fail", "b"] }}', { retry: { ...retry, attempts: 2 } })]),
    );
    expect(end?.status).toBe('failed');
    expect(started).toEqual(['tell[0]', 'tell[1]', 'tell[2]', 'tell[1]']);
    expect(steps).toMatchObject({ tell: { status: 'failed', attempts: 1 }, 'tell[1]': { attempts: 2 } });
  });

  it('over blocks holds few of them open, and each sees its own item', async () => {
    const steps = [
      testStep('get', { run: '$X', env: { X: '${{ who }}' } }),
      testStep('put', {
        needs: ['get'],
        run: '$X',
        env: { X: '${{ steps.get.outputs.stdout }}/${{ who }}' },
      }),
    ];
    const plan = testPlan([loop('${{ ["a", "b", "c"] }}', { env: {}, work: { kind: 'block', steps } })], {
      outputs: { all: '${{ steps.tell.outputs.map(o, o.put.stdout) }}' },
    });
    const { end, started } = await run(plan, { maxParallel: 1 });
    expect(end).toMatchObject({ outputs: { all: ['a/a', 'b/b', 'c/c'] } });
    expect(started).toEqual(
      ['tell[0]', 'tell[1]', 'tell[2]'].flatMap((item) => [`${item}.get`, `${item}.put`]),
    );
  });

  it.each([
    ['what is no list', 'text', 'foreach: it gives no list'],
    ['more items than can run', Array.from({ length: 10_001 }, () => 0), 'foreach gives 10001 items and'],
  ])('refuses %s', async (_what, items, message) => {
    const { end, steps, started } = await run(
      testPlan([loop('${{ params.items }}')], { parameters: { items } }),
    );
    expect(end?.status).toBe('failed');
    expect(started).toEqual([]);
    expect(steps['tell']?.reason?.message).toContain(message);
  });

  it('over nothing is done at once, with an empty list', async () => {
    const plan = testPlan([loop('${{ [] }}')], { outputs: { all: '${{ steps.tell.outputs }}' } });
    expect((await run(plan)).end).toMatchObject({ status: 'succeeded', outputs: { all: [] } });
  });

  it('is not opened at all when its condition is false', async () => {
    const { steps } = await run(testPlan([loop('${{ steps.nobody }}', { when: '${{ false }}' })]));
    expect(steps).toMatchObject({ tell: { status: 'skipped', reason: { code: 'step.when' } } });
  });
});

describe('retry', () => {
  it('waits longer each time, up to a limit, and a timeout is a failed attempt', async () => {
    const many = { ...retry, attempts: 5, maxDelayMs: 3000 };
    const plan = testPlan([testStep('a', { run: 'hang', timeoutMs: 10, retry: many })]);
    const { end, steps, events, tookMs } = await run(plan);
    expect(end?.status).toBe('failed');
    expect(steps['a']).toMatchObject({ attempts: 5, reason: { code: 'step.timeout' } });
    expect(tookMs).toBe(5 * 10 + 1000 + 2000 + 3000 + 3000);
    expect(types(events, 'a').slice(0, 6)).toEqual([
      'step.started',
      'step.spawned',
      'step.retrying',
      'step.waiting',
      'step.woke',
      'step.started',
    ]);
  });

  it('varies a delay by run and attempt, and always in the same way', async () => {
    const plan = testPlan([testStep('a', { run: 'fail', retry: { ...retry, jitter: true } })]);
    const took = async (runId: string) => (await run(plan, { runId })).tookMs;
    expect(await took('run1')).toBe(await took('run1'));
    expect(await took('run1')).not.toBe(await took('run2'));
    expect(await took('run1')).toBeGreaterThanOrEqual(3 + 500 + 1000);
    expect(await took('run1')).toBeLessThanOrEqual(3 + 1000 + 2000);
  });

  it('is not for a step whose expression fails, nor for one that is cancelled', async () => {
    const wrong = testPlan([testStep('a', { retry, env: { X: '${{ steps.a.outputs.x }}' } })]);
    expect((await run(wrong)).steps['a']).toMatchObject({
      attempts: 0,
      reason: { code: 'expression.failed' },
    });
    const abort = new AbortController();
    const { end, events } = await run(testPlan([testStep('a', { run: 'hang', retry })]), {
      signal: abort.signal,
      onEvent: ({ type }) => {
        if (type === 'step.spawned') abort.abort();
      },
    });
    expect(end?.status).toBe('cancelled');
    expect(types(events, 'a')).not.toContain('step.retrying');
  });
});

describe('a wait', () => {
  it('takes its time and no room', async () => {
    const wait = (seconds: number | string) => ({ kind: 'wait', seconds }) as const;
    const plan = testPlan(
      [
        testStep('w', { work: wait('${{ params.n * 2 }}') }),
        testStep('v', { work: wait(60) }),
        testStep('a'),
        testStep('b', { needs: ['w', 'v'] }),
      ],
      { parameters: { n: 30 } },
    );
    const { end, steps, tookMs } = await run(plan, { maxParallel: 1 });
    expect(end?.status).toBe('succeeded');
    expect(tookMs).toBe(60_001);
    expect(steps['w']).toMatchObject({ status: 'succeeded', attempts: 1, durationMs: 60_000 });
  });

  it('until a time that is past is over at once; one without a zone is refused', async () => {
    const until = (text: string) => testPlan([testStep('w', { work: { kind: 'wait', until: text } })]);
    expect((await run(until('1969-12-31T23:00:00Z'))).tookMs).toBe(0);
    expect((await run(until('1970-01-01T01:00:00+00:30'))).tookMs).toBe(30 * 60_000);
    expect((await run(until('1970-01-01T01:00:00'))).steps['w']).toMatchObject({
      status: 'failed',
      reason: { code: 'expression.failed' },
    });
  });
});

describe('an event', () => {
  const plan = testPlan(
    [
      testStep('early', { work: { kind: 'wait', seconds: 1 } }),
      testStep('approve', {
        needs: ['early'],
        work: {
          kind: 'await_event',
          source: 'http',
          match: '${{ event.approved == true }}',
          timeoutMs: 60_000,
        },
      }),
    ],
    { outputs: { by: '${{ steps.approve.outputs.event.by }}' } },
  );
  const send = (time: ReturnType<typeof virtualTime>, sent: readonly (readonly [number, unknown])[]) => ({
    time,
    onReceive: (receive: (event: JournalEvent) => void) => {
      for (const [index, [at, data]] of sent.entries()) {
        time.after(at, () => {
          receive({ type: 'event.received', event: String(index), eventSource: 'http', data: data as null });
        });
      }
      return () => undefined;
    },
  });

  it('that does not match leaves the wait in place, and one that does ends it', async () => {
    const sent = [
      [2_000, { approved: false }],
      [3_000, {}],
      [4_000, { approved: true, by: 'ana' }],
    ] as const;
    const { end, events, tookMs } = await run(plan, send(virtualTime(), sent));
    expect(end).toMatchObject({ status: 'succeeded', outputs: { by: 'ana' } });
    expect(types(events, 'approve')).toEqual(['step.waiting', 'step.passed', 'step.passed', 'step.finished']);
    expect(tookMs).toBe(4_000);
  });

  it('that comes before somebody waits for it is kept', async () => {
    const { end, tookMs } = await run(plan, send(virtualTime(), [[500, { approved: true, by: 'bo' }]]));
    expect(end).toMatchObject({ outputs: { by: 'bo' } });
    expect(tookMs).toBe(1_000);
  });

  it('that does not come in time fails the step', async () => {
    const { end, steps, tookMs } = await run(plan);
    expect(end?.status).toBe('failed');
    expect(steps['approve']?.reason).toMatchObject({ code: 'event.missed' });
    expect(tookMs).toBe(61_000);
  });
});

describe('catch', () => {
  const plan = testPlan(
    [
      testStep('ok'),
      testStep('b', { work: { kind: 'block', steps: [testStep('deep', { run: 'fail' })] } }),
      testStep('other', { run: '9' }),
    ],
    {
      catch: [
        testStep('first', { run: '$FAILED_STEP $WHY', env: { WHY: '${{ error.code }}' } }),
        testStep('second', { needs: ['first'], run: 'fail' }),
        testStep('third', { needs: ['second'], run: '$S', env: { S: '${{ steps.first.outputs.stdout }}' } }),
      ],
    },
  );

  it('runs its steps in order after all else, each whatever became of the one before, and the run fails', async () => {
    const { end, started, steps, events } = await run(plan);
    expect(end).toMatchObject({
      status: 'failed',
      reason: { code: 'run.failed', message: 'step b.deep failed' },
    });
    expect(started.slice(0, 3).sort()).toEqual(['b.deep', 'ok', 'other']);
    expect(started.slice(3)).toEqual(['catch.first', 'catch.second', 'catch.third']);
    expect(steps).toMatchObject({
      'catch.first': { status: 'succeeded' },
      'catch.third': { status: 'succeeded' },
    });
    expect(events.find((event) => event.type === 'run.catching')).toMatchObject({
      error: { step: 'b.deep', code: 'step.exit' },
    });
    expect(events).toContainEqual(
      expect.objectContaining({ step: 'catch.third', outputs: { stdout: 'b.deep step.exit', exit_code: 0 } }),
    );
  });

  it('is not begun when all went well, nor when the run was cancelled', async () => {
    expect((await run({ ...plan, steps: [testStep('ok')] })).started).toEqual(['ok']);
    expect((await run(plan, { signal: AbortSignal.abort() })).started).toEqual([]);
  });
});

describe('a sub-workflow', () => {
  const called = {
    workflow: testPlan([]).workflow,
    parameters: {
      text: { type: 'string', required: true },
      times: { type: 'integer', required: false, default: 2 },
    },
    permissions: testPlan([]).permissions,
    steps: [testStep('post', { run: '$PARAM_TEXT x$PARAM_TIMES' })],
    outputs: { said: '${{ steps.post.outputs.stdout }}' },
    artifacts: {},
    catch: [],
  } as const;
  const call = (given: Record<string, string | number>, rest: Partial<typeof called> = {}) =>
    testPlan(
      [
        testStep('notify', {
          work: { kind: 'workflow', workflow: 'acme/notify@1.0.0', with: given },
        }),
      ],
      {
        parameters: { secret: 'of the caller' },
        outputs: { said: '${{ steps.notify.outputs.said }}' },
        workflows: { 'acme/notify@1.0.0': { ...called, ...rest } },
      },
    );

  it('gets its own parameters, with their defaults, and gives its outputs', async () => {
    const { end, started, runner } = await run(call({ text: 'hi ${{ params.secret }}' }));
    expect(end).toMatchObject({ status: 'succeeded', outputs: { said: 'hi of the caller x2' } });
    expect(started).toEqual(['notify.post']);
    expect(runner.ran[0]?.spec.env['PARAM_SECRET']).toBeUndefined();
  });

  it.each([
    ['a value of another type', { text: 'a', times: 'b' }, 'must be an integer'],
    ['a parameter that it has not', { text: 'a', more: 1 }, 'is not one of the workflow'],
    ['none for one that is required', {}, 'is required'],
  ])('is not begun with %s', async (_what, given, message) => {
    const { started, steps } = await run(call(given));
    expect(started).toEqual([]);
    expect(steps['notify']?.reason).toMatchObject({
      code: 'parameter.invalid',
      message: expect.stringContaining(message) as string,
    });
  });

  it('runs its own catch when a step of it fails, and then fails', async () => {
    const { end, started, steps } = await run(
      call({ text: 'a' }, { steps: [testStep('post', { run: 'fail' })], catch: [testStep('undo')] } as never),
    );
    expect(end?.status).toBe('failed');
    expect(started).toEqual(['notify.post', 'notify.catch.undo']);
    expect(steps['notify']?.reason?.message).toBe('step notify.post failed');
  });
});

describe('what is to be left out', () => {
  it('counts as done, without outputs', async () => {
    const plan = testPlan([testStep('a'), testStep('b', { needs: ['a'] })]);
    const { end, started, steps } = await run(plan, { skip: ['a'] });
    expect(end?.status).toBe('succeeded');
    expect(started).toEqual(['b']);
    expect(steps['a']).toMatchObject({ status: 'skipped', reason: { code: 'step.not_asked' } });
  });
});

describe('a reusable step', () => {
  it('is given its inputs as variables and in its expressions', async () => {
    const work = shell('$INPUT_TEXT $T');
    const plan = testPlan(
      [testStep('say', { inputs: { text: '${{ params.who }}' }, env: { T: '${{ inputs.text }}!' }, work })],
      { parameters: { who: 'ana' }, outputs: { said: '${{ steps.say.outputs.stdout }}' } },
    );
    expect((await run(plan)).end).toMatchObject({ outputs: { said: 'ana ana!' } });
  });
});
