import { findDurationMs } from '../duration.js';
import { findCycles } from '../graph.js';
import type { JsonValue, Step, WorkflowDefinition } from '../model.js';
import { isTable } from '../schema/check.js';
import { MAX_FINDINGS, type Finding } from '../source/tree.js';
import { suggest } from '../suggest.js';
import { quote } from '../text.js';

/** Bidirectional controls can make a command read as another one (CVE-2021-42574). */
const BIDI = /[\u202a-\u202e\u2066-\u2069]/;

/** Checks what a step says apart from its templates. `data` is the file's own, for what the model has converted. */
export function checkSteps(
  definition: WorkflowDefinition,
  data: Readonly<Record<string, JsonValue>>,
): readonly Finding[] {
  const ids = Object.keys(definition.steps);
  const known = new Set(ids);
  const steps = isTable(data['steps']) ? data['steps'] : {};
  const findings: Finding[] = [];
  for (const id of ids) {
    if (findings.length >= MAX_FINDINGS) break;
    const step = definition.steps[id];
    const raw = steps[id];
    if (step === undefined) continue;
    findings.push(
      ...checkNeeds(step, known, ids),
      ...checkRun(step),
      ...checkVariables(step),
      ...checkTimeout(id, isTable(raw) ? raw['timeout'] : undefined),
    );
  }
  return findings;
}

function checkNeeds(step: Step, known: ReadonlySet<string>, ids: readonly string[]): readonly Finding[] {
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const [at, need] of step.needs.entries()) {
    if (findings.length >= MAX_FINDINGS) break;
    const path = ['steps', step.id, 'needs', at];
    if (!known.has(need)) {
      const near = suggest(need, ids);
      const hint = near === undefined ? listSteps(ids) : `did you mean ${quote(near)}?`;
      findings.push({ code: 'step.need_unknown', message: `there is no step ${quote(need)}`, path, hint });
    } else if (seen.has(need)) {
      findings.push({ code: 'step.need_duplicate', message: `${quote(need)} is listed twice`, path });
    }
    seen.add(need);
  }
  return findings;
}

const MAX_LISTED = 10;

/** The steps that there are, as far as they fit a line. */
function listSteps(ids: readonly string[]): string {
  const listed = ids
    .slice(0, MAX_LISTED)
    .map((id) => quote(id))
    .join(', ');
  return `the steps are ${listed}${ids.length > MAX_LISTED ? ` and ${ids.length - MAX_LISTED} more` : ''}`;
}

function checkRun(step: Step): readonly Finding[] {
  const findings: Finding[] = [];
  const path = ['steps', step.id, 'run'];
  const open = step.run.indexOf('${{');
  if (open !== -1) {
    const close = step.run.indexOf('}}', open);
    const end = close === -1 ? open + 3 : close + 2;
    const expression = close === -1 ? '${{ … }}' : step.run.slice(open, end);
    findings.push({
      code: 'run.templated',
      message: 'run is never templated: a value could become a command',
      hint: `move it: env = { VALUE = ${quote(expression)} }, and "$VALUE" in run`,
      path,
      within: { start: open, end },
    });
  }
  const bidi = BIDI.exec(step.run);
  if (bidi !== null) {
    findings.push({
      code: 'value.invalid',
      message: 'run holds a character that reorders text on the screen',
      hint: 'remove it, or write it as an escape that the shell knows',
      path,
      within: { start: bidi.index, end: bidi.index + 1 },
    });
  }
  const nul = step.run.indexOf('\0');
  if (nul !== -1) {
    const within = { start: nul, end: nul + 1 };
    findings.push({ code: 'value.invalid', message: 'run holds a NUL character', path, within });
  }
  return findings;
}

function checkVariables(step: Step): readonly Finding[] {
  return Object.keys(step.env)
    .filter((name) => /^(?:PARAM|SHEAF)_/i.test(name))
    .map((name) => ({
      code: 'env.reserved' as const,
      message: `the variable ${quote(name)} is set by the engine`,
      hint: 'choose a name that does not begin with PARAM_ or SHEAF_',
      path: ['steps', step.id, 'env', name],
      at: 'key' as const,
    }));
}

function checkTimeout(id: string, timeout: JsonValue | undefined): readonly Finding[] {
  if (typeof timeout !== 'string' || findDurationMs(timeout) !== undefined) return [];
  return [
    {
      code: 'timeout.invalid',
      message: `a timeout must lie between 1ms and 7d, not ${quote(timeout)}`,
      path: ['steps', id, 'timeout'],
    },
  ];
}

/** Says which steps wait for each other, by their own `needs` and by what their templates read. */
export function checkCycles(
  definition: WorkflowDefinition,
  implied: ReadonlyMap<string, ReadonlySet<string>>,
): readonly Finding[] {
  const ids = Object.keys(definition.steps);
  const index = new Map(ids.map((id, at) => [id, at]));
  const findings: Finding[] = [];
  const needs = ids.map((id) => {
    const step = definition.steps[id];
    const reads = implied.get(id) ?? [];
    const all = new Set([...(step?.needs ?? []), ...reads]);
    return [...all].flatMap((need) => index.get(need) ?? []);
  });
  for (const cycle of findCycles(needs)) {
    const names = cycle.map((node) => ids[node] ?? '');
    const [first = '', second = first] = names;
    const step = definition.steps[first];
    const at = step?.needs.indexOf(second) ?? -1;
    const isSelf = names.length === 1;
    findings.push({
      code: isSelf && at === -1 ? 'reference.self' : 'step.cycle',
      message: isSelf
        ? at === -1
          ? `step ${quote(first)} reads its own outputs`
          : `step ${quote(first)} needs itself`
        : `these steps wait for each other: ${showCycle([...names, first])}`,
      hint: isSelf ? 'a step sees only what ran before it' : 'remove one of these needs or references',
      path: at === -1 ? ['steps', first] : ['steps', first, 'needs', at],
      ...(at === -1 ? { at: 'key' as const } : {}),
    });
  }
  return findings;
}

function showCycle(names: readonly string[]): string {
  const shown = names.length <= 12 ? names : [...names.slice(0, 6), '…', ...names.slice(-5)];
  return shown.map((name) => (name === '…' ? name : quote(name).slice(1, -1))).join(' → ');
}
