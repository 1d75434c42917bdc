import type { Step, WorkflowDefinition } from '../model.js';
import { MAX_FINDINGS, type Finding, type RelatedFinding } from '../source/tree.js';
import { tick } from '../text.js';
import { listSteps, type PlacedStep } from '../walk.js';
import { createConstants } from './constants.js';
import { createFates, type Fate } from './fates.js';
import type { TemplateAnalysis } from './templates.js';

/**
 * Warns of steps that never run, whatever the run is given: whose condition is false, whose list is empty, or that need one that
 * fails in every run; and of the place where that one fails.
 */
export function checkUnreachable(
  definition: WorkflowDefinition,
  { steps: reads, findings: known }: Pick<TemplateAnalysis, 'steps' | 'findings'>,
): readonly Finding[] {
  const constantOf = createConstants();
  const fateOf = createFates(definition, reads, constantOf);
  // What cannot be evaluated for another reason was said.
  const told = new Set(known.map(({ path }) => path.join('\0')));
  const findings: Finding[] = [];
  for (const placed of listSteps(definition)) {
    if (findings.length >= MAX_FINDINGS) break;
    const { when } = placed.step;
    const always = when === undefined ? undefined : constantOf(when);
    if (always !== undefined && 'value' in always && always.value === true) findings.push(alwaysRuns(placed));
    const fate = fateOf(placed);
    if (fate?.kind === 'off') findings.push(neverRuns(placed, fate.key, reads));
    else if (fate?.kind === 'kept') findings.push(keptFromRunning(placed, fate, reads));
    else if (fate !== undefined) {
      // The block around it fails by the same place.
      const isInside = ['steps', 'do'].includes(String(fate.at.path[placed.path.length]));
      if (!isInside && !told.has(fate.at.path.join('\0'))) findings.push(alwaysFails(placed, fate.at));
    }
  }
  return findings;
}

function neverRuns(
  { step, path, scope }: PlacedStep,
  key: 'when' | 'foreach',
  reads: TemplateAnalysis['steps'],
): Finding {
  return {
    severity: 'warning',
    code: 'step.unreachable',
    message: `step ${tick(step.id)} never runs: its ${key === 'when' ? 'condition is always false' : 'list is always empty'}`,
    path: [...path, key],
    related: listReaders(step, Object.values(scope.steps), reads),
  };
}

function listReaders(
  step: Step,
  beside: readonly Step[],
  reads: TemplateAnalysis['steps'],
): readonly RelatedFinding[] {
  return beside.flatMap((other) => {
    const read = reads.get(other)?.get(step.id);
    return read === undefined ? [] : [{ ...read, label: 'reads what is never there' }];
  });
}

function keptFromRunning(
  { step, path }: PlacedStep,
  { need, needFate }: Extract<Fate, { readonly kind: 'kept' }>,
  reads: TemplateAnalysis['steps'],
): Finding {
  const place = step.needs.indexOf(need);
  const read = reads.get(step)?.get(need);
  return {
    severity: 'warning',
    code: 'step.unreachable',
    message: `step ${tick(step.id)} never runs: step ${tick(need)}, which it needs, ${needFate.kind === 'fails' ? 'always fails' : 'never runs'}`,
    hint: 'mend the one that fails, or let it go on with on_failure = "continue"',
    ...(place === -1 && read !== undefined ? read : { path: [...path, 'needs', place] }),
    ...(needFate.kind === 'fails' ? { related: [needFate.at] } : {}),
  };
}

function alwaysFails({ step }: PlacedStep, { path, within, label }: RelatedFinding): Finding {
  return {
    severity: 'warning',
    code: 'step.fails',
    message: `step ${tick(step.id)} always fails: ${label}`,
    path,
    ...(within === undefined ? {} : { within }),
  };
}

function alwaysRuns({ step, path }: PlacedStep): Finding {
  return {
    severity: 'warning',
    code: 'expression.constant',
    message: `the condition of step ${tick(step.id)} is always true`,
    hint: 'remove it',
    path: [...path, 'when'],
  };
}
