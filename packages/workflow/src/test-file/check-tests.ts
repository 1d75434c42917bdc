import { BUILT_IN_ACTIONS } from '../actions/catalogue.js';
import { findDurationMs } from '../duration.js';
import { DYN, STRING } from '../expression/types.js';
import type { JsonValue, WorkflowDefinition } from '../model.js';
import { checkParameterValue } from '../parameter-value.js';
import { isTable } from '../schema/check.js';
import type { Finding, Path } from '../source/tree.js';
import { readList, readTable, readText, type Table } from '../tables.js';
import { suggest } from '../suggest.js';
import { tick } from '../text.js';
import type { Surroundings } from '../uses.js';
import { createNameContext } from '../validate/name-context.js';
import { recordOf, type NameContext } from '../validate/names.js';
import { createScopeNames } from '../validate/scope-names.js';
import { checkCondition, type TemplateCheck } from '../validate/template-checks.js';
import type { PlacedStep } from '../walk.js';
import { findStartMs } from './build-tests.js';
import { checkMock } from './check-mock.js';
import type { WorkflowTest } from './model.js';
import { nameOfPath, nameSteps } from './step-names.js';

/** What literal patterns in the conditions of one file may take. */
const PATTERN_WORK = 1_000_000;

interface Check {
  readonly definition: WorkflowDefinition;
  readonly context: NameContext;
  readonly steps: ReadonlyMap<string, PlacedStep>;
  readonly findings: Finding[];
}

/** What is wrong with the tests of a file for a definition. */
export function checkTests(
  data: Table,
  tests: readonly WorkflowTest[],
  definition: WorkflowDefinition,
  surroundings: Surroundings,
): readonly Finding[] {
  const context = createNameContext(definition, { catalogue: BUILT_IN_ACTIONS, ...surroundings });
  const check: Check = { definition, context, steps: nameSteps(definition), findings: [] };
  checkSetUp(readTable(data['defaults']), ['defaults'], check);
  const names = new Map<string, Path>();
  for (const [at, value] of readList(data['test']).entries()) {
    const test = readTable(value);
    const path = ['test', at];
    const name = readText(test['name']) ?? '';
    const before = names.get(name);
    if (before === undefined) names.set(name, [...path, 'name']);
    else {
      check.findings.push({
        code: 'value.invalid',
        message: `another test is called ${tick(name)}`,
        hint: 'say what is special about each',
        path: [...path, 'name'],
        related: [{ path: before, label: 'the first one' }],
      });
    }
    checkSetUp(test, path, check);
    checkMissing(tests[at], path, check);
    checkEvents(test, path, check);
    checkExpected(readTable(test['expect']), [...path, 'expect'], check);
  }
  checkAssertions(data, check);
  return check.findings;
}

function checkSetUp(table: Table, path: Path, check: Check): void {
  const { parameters } = check.definition;
  for (const [name, value] of Object.entries(readTable(table['parameters']))) {
    const at = [...path, 'parameters', name];
    const declared = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (declared === undefined) {
      check.findings.push({
        code: 'reference.unknown',
        message: `the workflow has no parameter ${tick(name)}`,
        hint: nearest(name, Object.keys(parameters), 'it has'),
        path: at,
        at: 'key',
      });
      continue;
    }
    const problem = checkParameterValue(declared, value);
    if (problem === undefined) continue;
    const { message, hint } = problem;
    check.findings.push({
      code: 'value.invalid',
      message: `parameter ${tick(name)} ${message}`,
      ...(hint === undefined ? {} : { hint }),
      path: at,
    });
  }
  for (const [name, mock] of Object.entries(readTable(table['mocks']))) {
    const at = [...path, 'mocks', name];
    const placed = findStep(name, at, check);
    if (placed !== undefined) check.findings.push(...checkMock(placed, readTable(mock), at, check.context));
  }
  for (const file of Object.keys(readTable(table['files']))) {
    if (/^(?![/\\])(?!.*(?:^|[/\\])\.\.(?:[/\\]|$))[^\0]{1,500}$/s.test(file)) continue;
    check.findings.push({
      code: 'value.invalid',
      message: `${tick(file)} is not the path of a file in the workspace`,
      hint: 'give a relative path without ..',
      path: [...path, 'files', file],
      at: 'key',
    });
  }
  const start = readText(readTable(table['clock'])['start']);
  if (start === undefined || findStartMs(start) !== undefined) return;
  check.findings.push({
    code: 'value.invalid',
    message: 'the start of the clock is not a time with its zone',
    hint: 'write it like "2026-01-31T12:00:00Z"',
    path: [...path, 'clock', 'start'],
  });
}

function checkMissing(test: WorkflowTest | undefined, path: Path, check: Check): void {
  for (const [name, declared] of Object.entries(check.definition.parameters)) {
    const given = test !== undefined && Object.hasOwn(test.parameters, name);
    if (given || !declared.required || declared.default !== undefined) continue;
    check.findings.push({
      code: 'key.missing',
      message: `the test gives no value for the parameter ${tick(name)}`,
      hint: `add it under [test.parameters], or for all tests under [defaults.parameters]`,
      path,
      at: 'key',
    });
  }
}

function checkEvents(test: Table, path: Path, check: Check): void {
  const sources = [...check.steps.values()].flatMap(({ step }) =>
    step.work.kind === 'await_event' ? [step.work.source] : [],
  );
  for (const [at, event] of readList(test['events']).entries()) {
    const source = readText(readTable(event)['source']) ?? '';
    checkSpan(readTable(event)['after'], [...path, 'events', at, 'after'], check);
    if (sources.includes(source)) continue;
    check.findings.push({
      code: 'reference.unknown',
      message: `no step waits for an event from ${tick(source)}`,
      hint: nearest(source, sources, 'steps wait for'),
      path: [...path, 'events', at, 'source'],
    });
  }
}

function checkSpan(value: JsonValue | undefined, path: Path, check: Check): void {
  if (typeof value !== 'string' || findDurationMs(value) !== undefined || /^0+[a-z]/.test(value)) return;
  check.findings.push({ code: 'timeout.invalid', message: `${tick(value)} is more than 7d`, path });
}

function checkExpected(expect: Table, path: Path, check: Check): void {
  for (const name of Object.keys(readTable(expect['steps']))) {
    findStep(name, [...path, 'steps', name], check);
  }
  for (const [at, name] of readList(expect['order']).entries()) {
    if (typeof name === 'string') findStep(name, [...path, 'order', at], check, 'value');
  }
  const { outputs } = check.definition;
  for (const name of Object.keys(readTable(expect['outputs']))) {
    if (Object.hasOwn(outputs, name)) continue;
    check.findings.push({
      code: 'reference.unknown',
      message: `the workflow has no output ${tick(name)}`,
      hint: nearest(name, Object.keys(outputs), 'it has'),
      path: [...path, 'outputs', name],
      at: 'key',
    });
  }
  const { step } = readTable(expect['error']);
  if (typeof step === 'string' && step !== '') findStep(step, [...path, 'error', 'step'], check, 'value');
}

function findStep(
  name: string,
  path: Path,
  { steps, findings }: Check,
  at: 'key' | 'value' = 'key',
): PlacedStep | undefined {
  const found = steps.get(nameOfPath(name));
  if (found !== undefined) return found;
  findings.push({
    code: 'step.unknown',
    message: `no step is called ${tick(name)}`,
    label: 'not a step of the workflow',
    hint: nearest(name, [...steps.keys()], 'its steps are'),
    path,
    ...(at === 'key' ? { at } : {}),
  });
  return undefined;
}

function checkAssertions(data: Table, { definition, context, findings }: Check): void {
  const { top } = createScopeNames(context);
  const outputs = recordOf(
    'field',
    Object.keys(definition.outputs).map((name) => [name, DYN] as const),
  );
  const run = recordOf('field', [
    ['id', STRING],
    ['status', STRING],
  ]);
  const names = recordOf('field', [...top.fields, ['outputs', outputs], ['run', run]]);
  // The run is over, and what it lacks then is no surprise.
  const found: Finding[] = [];
  const check: TemplateCheck = {
    isConditional: true,
    patterns: { remaining: PATTERN_WORK },
    findings: found,
  };
  for (const [at, test] of readList(data['test']).entries()) {
    for (const [index, condition] of readList(isTable(test) ? test['assert'] : undefined).entries()) {
      if (typeof condition !== 'string') continue;
      const references = { parameters: new Set<string>(), steps: new Map(), readsAnyParameter: false };
      checkCondition(condition, ['test', at, 'assert', index], names, references, check);
    }
  }
  // Related places would be those of the definition, which is another text.
  for (const finding of found) {
    const message = finding.message.replace(/^\d+ must/, 'a condition must');
    findings.push({ ...finding, message, related: [] });
  }
}

function nearest(name: string, known: readonly string[], lead: string): string {
  const near = suggest(name, known);
  if (near !== undefined) return `did you mean ${tick(near)}?`;
  return known.length === 0 ? 'there is none' : `${lead}: ${known.slice(0, 20).join(', ')}`;
}
