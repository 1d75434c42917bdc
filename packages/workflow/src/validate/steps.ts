import { findDurationMs } from '../duration.js';
import type { JsonValue, Step, WorkflowDefinition } from '../model.js';
import { isTable, nameOf } from '../schema/check.js';
import { ACTION_BODIES, STEP_BODIES } from '../schema/step-schema.js';
import { MAX_FINDINGS, type Finding, type Path } from '../source/tree.js';
import { suggest } from '../suggest.js';
import type { Table } from '../tables.js';
import { quote, tick } from '../text.js';
import { listSteps, type PlacedStep } from '../walk.js';
import { definitionOf } from './related.js';

/** Bidirectional controls can make a command read as another one (CVE-2021-42574). */
const BIDI = /[\u202a-\u202e\u2066-\u2069]/;

/** Checks what a step says apart from its templates. `data` is the file's own, for what the model has converted. */
export function checkSteps(
  definition: WorkflowDefinition,
  data: Readonly<Record<string, JsonValue>>,
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [name, template] of Object.entries(definition.actions)) {
    if (findings.length >= MAX_FINDINGS) return findings;
    findings.push(
      ...checkParts(template, ['actions', name]),
      ...checkRaw(data, ['actions', name], ACTION_BODIES),
    );
  }
  const known = new Map<PlacedStep['scope']['steps'], ReadonlySet<string>>();
  for (const placed of listSteps(definition)) {
    if (findings.length >= MAX_FINDINGS) break;
    const { step, path, scope } = placed;
    const ids = known.get(scope.steps) ?? new Set(Object.keys(scope.steps));
    known.set(scope.steps, ids);
    findings.push(
      ...checkNeeds(step, path, ids),
      ...checkParts(step, path),
      ...checkRaw(data, path, STEP_BODIES),
    );
  }
  return findings;
}

/** What steps and reusable steps have in common. */
function checkParts(step: Pick<Step, 'work' | 'env'>, path: Path): readonly Finding[] {
  const { work } = step;
  return [
    ...(work.kind === 'shell' ? checkRun(work.run, [...path, 'run']) : []),
    ...checkVariables(step.env, path),
  ];
}

function checkNeeds(step: Step, path: Path, known: ReadonlySet<string>): readonly Finding[] {
  const seen = new Map<string, number>();
  const findings: Finding[] = [];
  for (const [at, need] of step.needs.entries()) {
    if (findings.length >= MAX_FINDINGS) break;
    const place = [...path, 'needs', at];
    const first = seen.get(need);
    if (!known.has(need) && first === undefined) {
      const near = suggest(need, known);
      findings.push({
        code: 'step.need_unknown',
        message: `no step is called ${tick(need)}`,
        label: 'not a step of this workflow',
        about: `step ${need}`,
        path: place,
        hint: near === undefined ? listIds([...known]) : `a step with a similar name exists: ${tick(near)}`,
        ...(near === undefined ? {} : { related: [definitionOf([...path.slice(0, -1), near])] }),
      });
    } else if (first !== undefined) {
      findings.push({
        code: 'step.need_duplicate',
        message: `${tick(need)} is listed twice`,
        label: 'listed again',
        path: place,
        related: [{ path: [...path, 'needs', first], label: `${tick(need)} is listed here first` }],
      });
    }
    if (first === undefined) seen.set(need, at);
  }
  return findings;
}

const MAX_LISTED = 10;

/** The steps that there are, as far as they fit a line. */
function listIds(ids: readonly string[]): string {
  const listed = ids
    .slice(0, MAX_LISTED)
    .map((id) => tick(id))
    .join(', ');
  return `the steps are ${listed}${ids.length > MAX_LISTED ? ` and ${ids.length - MAX_LISTED} more` : ''}`;
}

function checkRun(run: string, path: Path): readonly Finding[] {
  const findings: Finding[] = [];
  const open = run.indexOf('${{');
  if (open !== -1) {
    const close = run.indexOf('}}', open);
    const end = close === -1 ? open + 3 : close + 2;
    const expression = close === -1 ? '${{ … }}' : run.slice(open, end);
    findings.push({
      code: 'run.templated',
      message: 'run is never templated: a value could become a command',
      label: 'would become part of the script',
      note: 'values reach a script as environment variables, which a shell never reads as commands when they stand in quotes',
      hint: `move it: env = { VALUE = ${quote(expression)} }, and "$VALUE" in run`,
      path,
      within: { start: open, end },
    });
  }
  const bidi = BIDI.exec(run);
  if (bidi !== null) {
    findings.push({
      code: 'value.invalid',
      message: 'run holds a character that reorders text on the screen',
      hint: 'remove it, or write it as an escape that the shell knows',
      path,
      within: { start: bidi.index, end: bidi.index + 1 },
    });
  }
  const nul = run.indexOf('\0');
  if (nul !== -1) {
    const within = { start: nul, end: nul + 1 };
    findings.push({ code: 'value.invalid', message: 'run holds a NUL character', path, within });
  }
  return findings;
}

function checkVariables(env: Step['env'], path: Path): readonly Finding[] {
  return Object.keys(env)
    .filter((name) => /^(?:PARAM|SHEAF)_/i.test(name))
    .map((name) => ({
      code: 'env.reserved' as const,
      message: `the variable ${tick(name)} is set by the engine`,
      label: 'reserved',
      hint: 'choose a name that does not begin with PARAM_ or SHEAF_',
      path: [...path, 'env', name],
      at: 'key' as const,
    }));
}

/** Checks what the model leaves out: that a step does one thing, and that durations are within their bounds. */
function checkRaw(data: Table, path: Path, bodies: readonly string[]): readonly Finding[] {
  const raw = findTable(data, path);
  if (raw === undefined) return [];
  const findings: Finding[] = [];
  const [first, second] = bodies.filter((body) => Object.hasOwn(raw, body));
  if (first === undefined) {
    findings.push({
      code: 'key.missing',
      message: `${nameOf(path)} does nothing`,
      hint: `give it one of: ${bodies.join(', ')}`,
      path,
      at: 'key',
    });
  } else if (second !== undefined) {
    findings.push({
      code: 'step.bodies',
      message: `a step does one thing: ${tick(first)} or ${tick(second)}`,
      hint: 'make two steps of it',
      path: [...path, second],
      at: 'key',
      related: [{ path: [...path, first], at: 'key', label: `${tick(first)} is here` }],
    });
  }
  findings.push(...checkDuration(raw['timeout'], [...path, 'timeout']));
  return findings;
}

function findTable(data: Table, path: Path): Table | undefined {
  let value: JsonValue | undefined = data;
  for (const key of path) {
    if (Array.isArray(value)) value = (value as readonly JsonValue[])[Number(key)];
    else value = isTable(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return isTable(value) ? value : undefined;
}

function checkDuration(duration: JsonValue | undefined, path: Path): readonly Finding[] {
  if (typeof duration !== 'string' || findDurationMs(duration) !== undefined) return [];
  return [
    {
      code: 'timeout.invalid',
      message: `a timeout must lie between 1ms and 7d, not ${quote(duration)}`,
      path,
    },
  ];
}
