import { WorkflowError } from './errors.js';
import { sortTopologically } from './graph.js';
import type { Step } from './model.js';
import type { TemplateAnalysis } from './validate/templates.js';

/** A step with all that it waits for, in the order of the steps. */
export interface OrderedStep {
  readonly step: Step;
  readonly needs: readonly string[];
}

/** The steps of one scope in topological order. Throws WorkflowError `plan.cycle`. */
export function orderSteps(
  scope: Readonly<Record<string, Step>>,
  reads: TemplateAnalysis['steps'],
): readonly OrderedStep[] {
  const steps = Object.values(scope);
  const index = new Map(steps.map((step, at) => [step.id, at]));
  const needs = steps.map((step) => {
    const all = new Set([...step.needs, ...(reads.get(step)?.keys() ?? [])]);
    return [...all].flatMap((need) => index.get(need) ?? []);
  });
  const order = sortTopologically(needs);
  if (order === undefined) {
    throw new WorkflowError('plan.cycle', 'the steps wait for each other', {
      hint: 'validate the definition first',
    });
  }
  const place = new Map(order.map((node, at) => [node, at]));
  const byPlace = (a: number, b: number) => (place.get(a) ?? 0) - (place.get(b) ?? 0);
  return order.flatMap((node) => {
    const step = steps[node];
    if (step === undefined) return [];
    return { step, needs: [...(needs[node] ?? [])].sort(byPlace).flatMap((need) => steps[need]?.id ?? []) };
  });
}
