import { findDurationMs } from '../duration.js';
import type { JsonValue } from '../model.js';
import { isTable } from '../schema/check.js';
import type { Path } from '../source/tree.js';
import {
  mapTable,
  optional,
  readList,
  readNumber,
  readTable,
  readText,
  readTexts,
  type Table,
} from '../tables.js';
import type {
  Expected,
  ExpectedStatus,
  ExpectedStep,
  Mock,
  MockAttempt,
  TestEvent,
  Unmocked,
  WorkflowTest,
} from './model.js';

/** When the clock of a test starts that says nothing of it. */
const START_MS = Date.UTC(2026, 0, 1);

/** The tests of a file whose data has passed its schema. */
export function buildTests(data: Table): readonly WorkflowTest[] {
  const defaults = readTable(data['defaults']);
  return readList(data['test']).map((test, at) => buildTest(readTable(test), defaults, ['test', at]));
}

function buildTest(test: Table, defaults: Table, path: Path): WorkflowTest {
  const merged = (key: string): Table =>
    Object.assign(Object.create(null), readTable(defaults[key]), readTable(test[key])) as Table;
  return {
    name: readText(test['name']) ?? '',
    path,
    parameters: merged('parameters'),
    env: textsOf(merged('env')),
    secrets: textsOf(merged('secrets')),
    files: textsOf(merged('files')),
    unmocked: (readText(test['unmocked']) ?? readText(defaults['unmocked']) ?? 'error') as Unmocked,
    mocks: mapTable(merged('mocks'), (mock) => buildMock(readTable(mock))),
    startMs: findStartMs(readText(merged('clock')['start'])) ?? START_MS,
    events: readList(test['events']).map((event) => buildEvent(readTable(event))),
    expect: buildExpected(readTable(test['expect'])),
    assert: readTexts(test['assert']),
  };
}

/** Milliseconds since the epoch of a time of RFC 3339 with its zone; undefined for other text. */
export function findStartMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const startMs = Date.parse(text);
  return Number.isNaN(startMs) ? undefined : startMs;
}

function buildMock(mock: Table): Mock {
  const sequence = readList(mock['sequence']);
  return {
    real: mock['real'] === true,
    attempts: (sequence.length === 0 ? [mock] : sequence).map((each) => buildAttempt(readTable(each))),
  };
}

function buildAttempt(attempt: Table): MockAttempt {
  return {
    ...optional('stdout', readText(attempt['stdout'])),
    ...optional('exitCode', readNumber(attempt['exit_code'])),
    outputs: readTable(attempt['outputs']),
    ...optional('failure', buildFailure(attempt['fail'])),
    takesMs: findDurationMs(readText(attempt['takes']) ?? '') ?? 0,
  };
}

function buildFailure(fail: JsonValue | undefined): MockAttempt['failure'] {
  if (fail === undefined) return undefined;
  const { code, message, retryable } = isTable(fail) ? fail : { code: fail };
  return {
    code: readText(code) ?? '',
    message: readText(message) ?? 'the test made it fail',
    retryable: retryable !== false,
  };
}

function buildEvent(event: Table): TestEvent {
  return {
    source: readText(event['source']) ?? '',
    data: event['data'] ?? null,
    afterMs: findDurationMs(readText(event['after']) ?? '') ?? 0,
  };
}

function buildExpected(expect: Table): Expected {
  return {
    ...optional('status', readText(expect['status']) as Expected['status']),
    outputs: readTable(expect['outputs']),
    error: readTable(expect['error']),
    steps: mapTable(readTable(expect['steps']), (step) => buildExpectedStep(readTable(step))),
    order: readTexts(expect['order']),
  };
}

function buildExpectedStep(step: Table): ExpectedStep {
  return {
    ...optional('status', readText(step['status']) as ExpectedStatus | undefined),
    ...optional('attempts', readNumber(step['attempts'])),
    ...optional('calls', readNumber(step['calls'])),
    ...optional('reason', readText(step['reason'])),
    env: readTable(step['env']),
    inputs: readTable(step['inputs']),
    outputs: readTable(step['outputs']),
  };
}

function textsOf(values: Table): Readonly<Record<string, string>> {
  return mapTable(values, (value) => readText(value) ?? '');
}
