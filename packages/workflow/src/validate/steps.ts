import type { JsonValue, Step, WorkflowDefinition } from '../model.js';
import { MAX_FINDINGS, type Finding, type Path } from '../source/tree.js';
import { suggest } from '../suggest.js';
import type { Table } from '../tables.js';
import { quote, tick } from '../text.js';
import { listSteps, type PlacedStep } from '../walk.js';
import { checkBodies } from './bodies.js';
import { checkLimits } from './limits.js';
import { findTable } from './raw.js';
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
    findings.push(...checkParts(template, ['actions', name]), ...checkRaw(data, ['actions', name], true));
  }
  const known = new Map<PlacedStep['scope']['steps'], Beside>();
  for (const placed of listSteps(definition)) {
    if (findings.length >= MAX_FINDINGS) break;
    const { step, path, scope } = placed;
    const beside = known.get(scope.steps) ?? besideIn(scope.steps);
    known.set(scope.steps, beside);
    findings.push(...checkNeeds(placed, beside), ...checkParts(step, path), ...checkRaw(data, path, false));
  }
  return findings;
}

/** The steps of one scope; looked through once, and not for each need. */
interface Beside {
  readonly ids: ReadonlySet<string>;
  /** Those that hold others. */
  readonly blocks: readonly Step[];
}

function besideIn(steps: Readonly<Record<string, Step>>): Beside {
  const blocks = Object.values(steps).filter(({ work }) => work.kind === 'block');
  return { ids: new Set(Object.keys(steps)), blocks };
}

/** What steps and reusable steps have in common. */
function checkParts(step: Pick<Step, 'work' | 'env'>, path: Path): readonly Finding[] {
  const { work } = step;
  return [
    ...(work.kind === 'shell' ? checkCode(work.run, [...path, 'run'], 'run') : []),
    ...(work.kind === 'script' ? checkCode(work.script, [...path, 'script'], 'script') : []),
    ...checkVariables(step.env, path),
  ];
}

function checkNeeds(placed: PlacedStep, { ids: known, blocks }: Beside): readonly Finding[] {
  const { step, path } = placed;
  const seen = new Map<string, number>();
  const findings: Finding[] = [];
  for (const [at, need] of step.needs.entries()) {
    if (findings.length >= MAX_FINDINGS) break;
    const place = [...path, 'needs', at];
    const first = seen.get(need);
    if (!known.has(need) && first === undefined) {
      const elsewhere = findElsewhere(need, placed, blocks);
      const near = elsewhere === undefined ? suggest(need, known) : undefined;
      findings.push({
        code: 'step.need_unknown',
        message: `no step is called ${tick(need)}`,
        label: 'not a step of this workflow',
        about: `step ${need}`,
        path: place,
        hint:
          elsewhere ??
          (near === undefined ? listIds([...known]) : `a step with a similar name exists: ${tick(near)}`),
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

/** What to do where a step of that name is there, but not beside this one. */
function findElsewhere(need: string, { scope }: PlacedStep, blocks: readonly Step[]): string | undefined {
  for (let at = scope.owner; at !== undefined; at = at.scope.owner) {
    if (at.step.id === need)
      return `a step in ${tick(need)} runs as a part of it: it cannot wait for its end`;
    if (!Object.hasOwn(at.scope.steps, need)) continue;
    return `${tick(need)} stands beside ${tick(at.step.id)}: let that one need it`;
  }
  const around = blocks.find(({ work }) => work.kind === 'block' && Object.hasOwn(work.steps, need));
  return around === undefined ? undefined : `${tick(need)} is a part of ${tick(around.id)}: need that one`;
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

/** What is one in JavaScript too, in a template literal, is none of ours. */
const TEMPLATE_IN_SCRIPT = /\$\{\{\s*(?:params|steps|inputs|run|env|error|event|item)\b/;

function checkCode(code: string, path: Path, kind: 'run' | 'script'): readonly Finding[] {
  const findings: Finding[] = [];
  const open = kind === 'run' ? code.indexOf('${{') : code.search(TEMPLATE_IN_SCRIPT);
  if (open !== -1) findings.push(templated(code, open, path, kind));
  const bidi = BIDI.exec(code);
  if (bidi !== null) {
    findings.push({
      code: 'value.invalid',
      message: `${kind} holds a character that reorders text on the screen`,
      hint: 'remove it, or write it as an escape',
      path,
      within: { start: bidi.index, end: bidi.index + 1 },
    });
  }
  const nul = code.indexOf('\0');
  if (nul !== -1) {
    const within = { start: nul, end: nul + 1 };
    findings.push({ code: 'value.invalid', message: `${kind} holds a NUL character`, path, within });
  }
  return findings;
}

function templated(code: string, open: number, path: Path, kind: 'run' | 'script'): Finding {
  const close = code.indexOf('}}', open);
  const end = close === -1 ? open + 3 : close + 2;
  const expression = quote(close === -1 ? '${{ … }}' : code.slice(open, end));
  return {
    code: 'run.templated',
    message: `${kind} is never templated: a value could become ${kind === 'run' ? 'a command' : 'code'}`,
    label: 'would become part of the script',
    note:
      kind === 'run'
        ? 'values reach a script as environment variables, which a shell never reads as commands when they stand in quotes'
        : 'values reach a script as its input, which is never read as code',
    hint:
      kind === 'run'
        ? `move it: env = { VALUE = ${expression} }, and "$VALUE" in run`
        : `move it: with = { value = ${expression} }, and input.value in script`,
    path,
    within: { start: open, end },
  };
}

/** Variables that a step finds without asking for them. */
const RESERVED = /^(?:PARAM|INPUT|SHEAF)_/i;

function checkVariables(env: Step['env'], path: Path): readonly Finding[] {
  return Object.keys(env)
    .filter((name) => RESERVED.test(name) || (path[0] === 'catch' && name === 'FAILED_STEP'))
    .map((name) => ({
      code: 'env.reserved' as const,
      message: `the variable ${tick(name)} is set by the engine`,
      label: 'reserved',
      hint: 'choose a name that does not begin with PARAM_, INPUT_ or SHEAF_',
      path: [...path, 'env', name],
      at: 'key' as const,
    }));
}

/** Checks what the model leaves out. */
function checkRaw(data: Table, path: Path, isAction: boolean): readonly Finding[] {
  const raw = findTable(data, path);
  if (raw === undefined) return [];
  return [...checkBodies(raw, path, isAction), ...checkLimits(raw, path)];
}
