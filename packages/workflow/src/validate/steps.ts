import { findDurationMs } from '../duration.js';
import type { JsonValue, Step, WorkflowDefinition } from '../model.js';
import { isTable } from '../schema/check.js';
import { MAX_FINDINGS, type Finding } from '../source/tree.js';
import { suggest } from '../suggest.js';
import { quote, tick } from '../text.js';
import { definitionOf } from './related.js';

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
  const seen = new Map<string, number>();
  const findings: Finding[] = [];
  for (const [at, need] of step.needs.entries()) {
    if (findings.length >= MAX_FINDINGS) break;
    const path = ['steps', step.id, 'needs', at];
    const first = seen.get(need);
    if (!known.has(need) && first === undefined) {
      const near = suggest(need, ids);
      findings.push({
        code: 'step.need_unknown',
        message: `no step is called ${tick(need)}`,
        label: 'not a step of this workflow',
        about: `step ${need}`,
        path,
        hint: near === undefined ? listSteps(ids) : `a step with a similar name exists: ${tick(near)}`,
        ...(near === undefined ? {} : { related: [definitionOf(['steps', near])] }),
      });
    } else if (first !== undefined) {
      findings.push({
        code: 'step.need_duplicate',
        message: `${tick(need)} is listed twice`,
        label: 'listed again',
        path,
        related: [{ path: ['steps', step.id, 'needs', first], label: `${tick(need)} is listed here first` }],
      });
    }
    if (first === undefined) seen.set(need, at);
  }
  return findings;
}

const MAX_LISTED = 10;

/** The steps that there are, as far as they fit a line. */
function listSteps(ids: readonly string[]): string {
  const listed = ids
    .slice(0, MAX_LISTED)
    .map((id) => tick(id))
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
      label: 'would become part of the script',
      note: 'values reach a script as environment variables, which a shell never reads as commands when they stand in quotes',
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
      message: `the variable ${tick(name)} is set by the engine`,
      label: 'reserved',
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
