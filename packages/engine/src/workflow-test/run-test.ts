import {
  createPlan,
  nameOfPath,
  type JsonValue,
  type SecretText,
  type WorkflowDefinition,
  type WorkflowTest,
} from '@sheaf/workflow';
import { resolve } from 'node:path';
import { checkPlan } from '../core/plan-check.js';
import type { StartCommand } from '../core/command.js';
import type { JournalEvent, RunEvent } from '../core/events.js';
import { createState } from '../core/state.js';
import type { Journal } from '../ports.js';
import type { Attempt, StartAttempt } from '../runtime/attempt-port.js';
import { driveRun } from '../runtime/driver.js';
import { judge } from './judge.js';
import { endlessAttempt, mockAttempt } from './mock-attempt.js';
import { canBeReal, isPure, prepareTestPlan } from './prepare-plan.js';
import { openRealWork, type RealWork } from './real-work.js';
import { createTestTime } from './test-time.js';
import type { TestCall, TestOptions, TestOutcome, TestRun } from './test-run.js';

const RUN_ID = 'test';
const MAX_PARALLEL = 4;
/** A loop that never ends by itself would fill the memory. */
const MAX_EVENTS = 500_000;

/**
 * Runs a workflow as a test says: steps do what their mocks say, time passes at once, and what came of it is compared with what the test
 * expects. Only steps that the test wants real, scripts, and actions that touch nothing do their work, in a folder of their own that is gone
 * afterwards. Throws WorkflowError and EngineError where there is no plan to run, EngineError `requirement.missing`.
 */
export async function testWorkflow(
  definition: WorkflowDefinition,
  test: WorkflowTest,
  options: TestOptions,
): Promise<TestOutcome> {
  const real = openRealWork(test, options);
  try {
    const run = await drive(definition, test, options, real);
    return judge(test, run);
  } finally {
    await real.close();
  }
}

async function drive(
  definition: WorkflowDefinition,
  test: WorkflowTest,
  options: TestOptions,
  real: RealWork,
): Promise<TestRun> {
  const plan = prepareTestPlan(createPlan(definition, bindPaths(definition, test, real.cwd), options));
  checkPlan(plan);
  const state = createState(plan, RUN_ID);
  const time = createTestTime(test.startMs);
  const abort = new AbortController();
  const calls: TestCall[] = [];
  const begun: string[] = [];
  const unmocked = new Set<string>();
  let isStuck = false;
  const startAttempt: StartAttempt = (command, hooks) => {
    const entry = state.steps.get(command.step);
    if (entry === undefined) throw new TypeError(`no step ${command.step}`);
    calls.push(callOf(command));
    const mock = findMock(test, command.step);
    const isReal = mock?.real ?? (isPure(entry.step) || (test.unmocked === 'real' && canBeReal(entry.step)));
    if (isReal) return holding(time.hold(), real.start(state, time, command, hooks));
    const attempts = mock?.attempts ?? (test.unmocked === 'succeed' ? [{ outputs: {}, takesMs: 0 }] : []);
    // Attempts of an item, and of a block that is done again, count on.
    const tried = attempts[Math.min(command.attempt, attempts.length) - 1];
    if (tried !== undefined) return mockAttempt(entry, tried, time);
    unmocked.add(nameOfPath(command.step));
    abort.abort();
    return endlessAttempt();
  };
  const watch = (): void => {
    setImmediate(() => {
      if (state.phase === 'finished' || !time.isIdle() || abort.signal.aborted) return;
      if (state.running.size > 0) return;
      isStuck = true;
      abort.abort();
    });
  };
  const journal = testJournal(
    () => time.now(),
    (event) => {
      if (isBeginning(event)) begun.push(event.step);
      watch();
    },
  );
  const first: JournalEvent = {
    type: 'run.started',
    plan,
    planDigest: '',
    source: { kind: 'local', path: options.bundleDir },
    cwd: real.cwd,
    maxParallel: MAX_PARALLEL,
    isolation: { profile: 'permissive', sandbox: 'none' },
  };
  const keepArtifact = ({ name, path }: { name: string; path: string }): Promise<readonly JournalEvent[]> =>
    Promise.resolve([{ type: 'artifact.kept', name, path, sizeBytes: 0, sha256: '' }]);
  await driveRun({ journal, startAttempt, keepArtifact, time }, state, [first], {
    signal: options.signal === undefined ? abort.signal : AbortSignal.any([options.signal, abort.signal]),
    onReceive: (receive) => {
      for (const [at, { source, data, afterMs }] of test.events.entries()) {
        time.after(afterMs, () => {
          if (state.phase !== 'running') return;
          receive({ type: 'event.received', event: String(at), eventSource: source, data });
        });
      }
      return () => undefined;
    },
  });
  return { state, calls, begun, unmocked: [...unmocked], isStuck, durationMs: time.now() - test.startMs };
}

function bindPaths(
  { parameters }: WorkflowDefinition,
  test: WorkflowTest,
  cwd: string,
): Readonly<Record<string, JsonValue>> {
  const bound = Object.entries(test.parameters).map(([name, value]) => {
    const isPath = parameters[name]?.type === 'path' && typeof value === 'string';
    return [name, isPath ? resolve(cwd, value) : value] as const;
  });
  return Object.fromEntries(bound);
}

function findMock({ mocks }: WorkflowTest, path: string): WorkflowTest['mocks'][string] | undefined {
  if (Object.hasOwn(mocks, path)) return mocks[path];
  const name = nameOfPath(path);
  return Object.hasOwn(mocks, name) ? mocks[name] : undefined;
}

function callOf({ step, attempt, env, inputs }: StartCommand): TestCall {
  const texts = Object.entries(env).map(([name, text]) => [name, showSecrets(text)] as const);
  return { step, attempt, env: Object.fromEntries(texts), inputs };
}

/** A secret by its name. */
function showSecrets(text: string | SecretText): string {
  if (typeof text === 'string') return text;
  return text.map((part) => (typeof part === 'string' ? part : `<${part.secret}>`)).join('');
}

function holding(release: () => void, attempt: Attempt): Attempt {
  return { ...attempt, end: attempt.end.finally(release) };
}

function isBeginning(event: RunEvent): event is RunEvent & { readonly type: 'step.started' } {
  return event.type === 'step.started' || event.type === 'step.opened' || event.type === 'step.waiting';
}

function testJournal(now: () => number, onEvent: (event: RunEvent) => void): Journal {
  let seq = 0;
  return {
    append: (events) => {
      if (seq > MAX_EVENTS)
        return Promise.reject(new RangeError(`the run has more than ${MAX_EVENTS} events`));
      const stored = events.map((event): RunEvent => ({ ...event, runId: RUN_ID, seq: seq++, at: now() }));
      for (const event of stored) onEvent(event);
      return Promise.resolve(stored);
    },
  };
}
