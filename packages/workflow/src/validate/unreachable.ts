import { WorkflowError } from '../errors.js';
import { evaluateTemplate } from '../expression/template.js';
import type { JsonValue, Step, WorkflowDefinition } from '../model.js';
import { MAX_FINDINGS, type Finding, type RelatedFinding } from '../source/tree.js';
import { tick } from '../text.js';
import { listSteps, type PlacedStep } from '../walk.js';
import type { TemplateAnalysis } from './templates.js';

/** More constant conditions, and longer ones, are not evaluated: what takes long is not written by hand. */
const MAX_EVALUATED = 100;
const MAX_LENGTH = 100;

/** Warns of steps that never run: whose condition is false, or whose list is empty, whatever the run is given. */
export function checkUnreachable(
  definition: WorkflowDefinition,
  reads: TemplateAnalysis['steps'],
): readonly Finding[] {
  const findings: Finding[] = [];
  let budget = MAX_EVALUATED;
  for (const placed of listSteps(definition)) {
    if (findings.length >= MAX_FINDINGS || budget <= 0) break;
    const { when, foreach } = placed.step;
    for (const [key, template] of [['when', when] as const, ['foreach', foreach?.items] as const]) {
      if (template === undefined || template.length > MAX_LENGTH || READS.test(template)) continue;
      budget -= 1;
      const value = findConstant(template);
      const isNever = key === 'when' ? value === false : Array.isArray(value) && value.length === 0;
      if (isNever) findings.push(neverRuns(placed, key, reads));
      else if (key === 'when' && value === true) findings.push(alwaysRuns(placed));
    }
  }
  return findings;
}

/** What depends on the run. */
const READS = /\b(?:params|steps|run|event|error|inputs|env|secrets)\b/;

/** Undefined for what is not the same in every run, or cannot be evaluated. */
function findConstant(template: string): JsonValue | undefined {
  try {
    return evaluateTemplate(template, { params: {}, steps: {} });
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    return undefined;
  }
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

function alwaysRuns({ step, path }: PlacedStep): Finding {
  return {
    severity: 'warning',
    code: 'expression.constant',
    message: `the condition of step ${tick(step.id)} is always true`,
    hint: 'remove it',
    path: [...path, 'when'],
  };
}
