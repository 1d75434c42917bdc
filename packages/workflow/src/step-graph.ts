import type { Step, Work, WorkflowDefinition } from './model.js';
import { orderSteps } from './plan-order.js';
import { analyseTemplates, type TemplateAnalysis } from './validate/templates.js';

/** A step as a drawing needs it. */
export interface StepNode {
  readonly id: string;
  /** What it waits for of the steps beside it, in their order. */
  readonly needs: readonly string[];
  readonly kind: Work['kind'];
  readonly when?: string;
  /** Does its failure count as done? */
  readonly mayFail: boolean;
  /** The name of an item, where it runs once for each. */
  readonly each?: string;
  /** What it uses. */
  readonly uses?: string;
  /** Of a block or a loop of several steps: those in it, each behind what it needs. */
  readonly steps?: readonly StepNode[];
}

/** What a drawing of a workflow is made of. */
export interface StepGraph {
  /** Each behind what it needs. */
  readonly steps: readonly StepNode[];
  /** What runs after a failure, in this order. */
  readonly catch: readonly StepNode[];
}

/**
 * The steps of a valid definition at all levels, in the order of its plan, before any parameter is known.
 * Throws WorkflowError `plan.cycle` for a definition that was never validated.
 */
export function readStepGraph(definition: WorkflowDefinition): StepGraph {
  const reads = analyseTemplates(definition).steps;
  return {
    steps: readScope(definition.steps, reads),
    catch: definition.catch.map((step, at) => {
      const before = definition.catch[at - 1];
      return readNode(step, before === undefined ? [] : [before.id], reads);
    }),
  };
}

function readScope(
  steps: Readonly<Record<string, Step>>,
  reads: TemplateAnalysis['steps'],
): readonly StepNode[] {
  return orderSteps(steps, reads).map(({ step, needs }) => readNode(step, needs, reads));
}

function readNode(step: Step, needs: readonly string[], reads: TemplateAnalysis['steps']): StepNode {
  const { work } = step;
  return {
    id: step.id,
    needs,
    kind: work.kind,
    ...(step.when === undefined ? {} : { when: step.when }),
    mayFail: step.onFailure === 'continue',
    ...(step.foreach === undefined ? {} : { each: step.foreach.as }),
    ...(work.kind === 'action' ? { uses: work.uses } : {}),
    ...(work.kind === 'block' ? { steps: readScope(work.steps, reads) } : {}),
  };
}
