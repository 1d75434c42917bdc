import {
  evaluateAssertion,
  LazyMap,
  nameOfPath,
  quote,
  scopeOfParameters,
  toEnvironmentString,
  WorkflowError,
  type JsonValue,
  type Plan,
  type Scope,
  type WorkflowTest,
} from '@sheaf/workflow';
import { isSettled, outputsOf, viewOf, type StepState } from '../core/scope.js';
import { errorOf, stepResults } from '../runtime/result.js';
import { isSame, show } from './compare.js';
import type { TestFailure, TestOutcome, TestRun } from './test-run.js';

/** Steps that a note lists. */
const MAX_NAMED = 30;

/** Compares what happened with what a test expects. */
export function judge(test: WorkflowTest, run: TestRun): TestOutcome {
  const { state, begun, durationMs } = run;
  const status = state.end?.status ?? 'cancelled';
  const cut = [...findUnmocked(test, run), ...findStuck(test, run)];
  // What was cut short has nothing to say of the rest.
  const failures =
    cut.length > 0 ? cut : [...judgeRun(test, run), ...judgeSteps(test, run), ...judgeAssertions(test, run)];
  return {
    passed: failures.length === 0,
    status,
    failures,
    ran: [...new Set(begun.map(nameOfPath))],
    durationMs,
  };
}

function findUnmocked(test: WorkflowTest, { unmocked }: TestRun): readonly TestFailure[] {
  return unmocked.map((name) => ({
    path: [...test.path, 'name'],
    message: `step ${name} would do its work: the test does not say what it does`,
    hint: `add [test.mocks.${keyOf(name)}] with stdout, outputs, fail or real = true`,
  }));
}

function findStuck(test: WorkflowTest, { isStuck, state }: TestRun): readonly TestFailure[] {
  if (!isStuck) return [];
  const waiting = [...state.steps.values()].filter(
    (entry) => entry.step.work.kind === 'await_event' && isBegun(entry),
  );
  const [entry] = waiting;
  const source = entry?.step.work.kind === 'await_event' ? entry.step.work.source : '';
  return [
    {
      path: [...test.path, 'name'],
      message:
        entry === undefined
          ? 'the run waits for ever'
          : `the run waits for ever: step ${entry.path} waits for an event from ${quote(source)}`,
      hint: `send one that matches: [[test.events]] source = ${quote(source)}`,
    },
  ];
}

function isBegun({ attempts, outcome, reason }: StepState): boolean {
  return attempts > 0 && (outcome === undefined || reason?.code === 'step.cancelled');
}

function judgeRun({ expect, path }: WorkflowTest, { state, begun }: TestRun): readonly TestFailure[] {
  const failures: TestFailure[] = [];
  const status = state.end?.status ?? 'cancelled';
  const expected = expect.status ?? 'succeeded';
  const { error } = errorOf(state);
  if (status !== expected) {
    const cause = error ?? state.end?.reason;
    const step = error === undefined || error.step === '' ? '' : `step ${error.step}: `;
    failures.push({
      path: expect.status === undefined ? [...path, 'name'] : [...path, 'expect', 'status'],
      message: `the run ${status}, and should have ${expected}`,
      ...(cause === undefined ? {} : { note: `${step}${cause.code}, ${cause.message}` }),
      expected,
      got: status,
    });
  }
  for (const [key, value] of Object.entries(expect.error)) {
    const got = error?.[key as 'step' | 'code' | 'message'];
    const isRight =
      key === 'message' ? typeof value === 'string' && got?.includes(value) === true : got === value;
    if (isRight) continue;
    failures.push(differs([...path, 'expect', 'error', key], `error.${key}`, value, got));
  }
  // A run that did not succeed gives nothing, which its status says already.
  if (status === 'succeeded') {
    failures.push(
      ...compareKeys([...path, 'expect', 'outputs'], 'outputs', expect.outputs, state.end?.outputs ?? {}),
    );
  }
  return [...failures, ...judgeOrder([...path, 'expect', 'order'], expect.order, begun)];
}

function judgeOrder(
  path: TestFailure['path'],
  order: readonly string[],
  begun: readonly string[],
): readonly TestFailure[] {
  const places = order.map((name) => begun.findIndex((step) => step === name || nameOfPath(step) === name));
  for (const [at, place] of places.entries()) {
    const name = order[at] ?? '';
    const before = order[at - 1] ?? '';
    const problem =
      place === -1
        ? `step ${name} never began`
        : place < (places[at - 1] ?? -1)
          ? `step ${name} began before step ${before}`
          : undefined;
    if (problem === undefined) continue;
    return [
      {
        path: [...path, at],
        message: problem,
        note: `they began in this order: ${[...new Set(begun.map(nameOfPath))].slice(0, MAX_NAMED).join(', ')}`,
      },
    ];
  }
  return [];
}

function judgeSteps({ expect, path }: WorkflowTest, { state, calls }: TestRun): readonly TestFailure[] {
  const results = stepResults(state);
  return Object.entries(expect.steps).flatMap(([name, expected]) => {
    const at = [...path, 'expect', 'steps', name];
    const entry = state.steps.get(name);
    const result = Object.hasOwn(results, name) ? results[name] : undefined;
    const all = calls.filter(({ step }) => step === name || nameOfPath(step) === name);
    const last = all.at(-1);
    const status = statusOf(result?.status);
    const failures: TestFailure[] = [];
    const compare = (key: 'status' | 'attempts' | 'calls' | 'reason', got: JsonValue | undefined): void => {
      const value = expected[key];
      if (value !== undefined && value !== got)
        failures.push({
          ...differs([...at, key], `steps.${name}.${key}`, value, got),
          ...(key === 'status' && result?.reason !== undefined
            ? { note: `${result.reason.code}, ${result.reason.message}` }
            : {}),
        });
    };
    compare('status', status);
    compare('attempts', result?.attempts ?? 0);
    compare('calls', all.length);
    compare('reason', result?.reason?.code);
    const env = Object.fromEntries(
      Object.entries(expected.env).map(([key, value]) => [key, toEnvironmentString(value)]),
    );
    failures.push(
      ...compareKeys([...at, 'env'], `steps.${name}.env`, env, last?.env ?? {}),
      ...compareKeys([...at, 'inputs'], `steps.${name}.inputs`, expected.inputs, last?.inputs ?? {}),
      ...compareKeys([...at, 'outputs'], `steps.${name}.outputs`, expected.outputs, outputsTable(entry)),
    );
    return failures;
  });
}

function statusOf(status: string | undefined): JsonValue {
  return status === undefined || status === 'pending' ? 'not_run' : status;
}

function outputsTable(entry: StepState | undefined): Readonly<Record<string, JsonValue>> {
  if (entry === undefined || !isSettled(entry)) return {};
  const outputs = outputsOf(entry);
  return typeof outputs === 'object' && outputs !== null
    ? (outputs as Readonly<Record<string, JsonValue>>)
    : {};
}

function compareKeys(
  path: TestFailure['path'],
  what: string,
  expected: Readonly<Record<string, JsonValue>>,
  got: Readonly<Record<string, JsonValue>>,
): readonly TestFailure[] {
  return Object.entries(expected).flatMap(([key, value]) => {
    const found = Object.hasOwn(got, key) ? got[key] : undefined;
    if (found !== undefined && isSame(value, found)) return [];
    return [differs([...path, key], `${what}.${key}`, value, found)];
  });
}

function differs(
  path: TestFailure['path'],
  what: string,
  expected: JsonValue,
  got: JsonValue | undefined,
): TestFailure {
  return {
    path,
    message: got === undefined ? `${what} is not there` : `${what} is ${show(got)}, not ${show(expected)}`,
    expected,
    ...(got === undefined ? {} : { got }),
  };
}

/** A test may look at the name of a secret, which is all that there is of it. */
function numbersOf(
  types: NonNullable<Plan['parameterTypes']>,
): Readonly<Record<string, { readonly type: 'number' }>> {
  const names = Object.keys(types).filter((name) => types[name] === 'number');
  return Object.fromEntries(names.map((name) => [name, { type: 'number' }]));
}

function judgeAssertions({ assert, path }: WorkflowTest, { state }: TestRun): readonly TestFailure[] {
  const scope: Scope = {
    params: scopeOfParameters(state.plan.parameters, numbersOf(state.plan.parameterTypes ?? {})),
    steps: new LazyMap(
      (id) => {
        const entry = state.root.byId.get(id);
        return entry !== undefined && isSettled(entry) ? viewOf(entry) : undefined;
      },
      () => [],
    ),
    outputs: state.end?.outputs ?? {},
    run: { id: state.runId, status: state.end?.status ?? 'cancelled' },
  };
  return assert.flatMap((condition, at) => {
    const where = [...path, 'assert', at];
    try {
      const { holds, sides } = evaluateAssertion(condition, scope);
      if (holds) return [];
      const note = sides.map(({ text, value }) => `${text} is ${show(value)}`).join('; ');
      return [{ path: where, message: 'this does not hold', ...(note === '' ? {} : { note }) }];
    } catch (error) {
      if (!(error instanceof WorkflowError)) throw error;
      return [
        { path: where, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) },
      ];
    }
  });
}

function keyOf(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : `"${name}"`;
}
