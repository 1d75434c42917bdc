import type { StepNode } from '@sheaf/workflow';

/** A step of a graph: what it waits for, what makes it special, and the steps in it. */
export type GraphStep = Pick<StepNode, 'id' | 'needs' | 'when' | 'mayFail' | 'each' | 'uses'> & {
  readonly steps?: readonly GraphStep[];
};

/**
 * Steps by the earliest time they can begin: those of one stage need none of the same. Steps come in an order in which
 * each stands behind what it needs.
 */
export function toStages<T extends Pick<GraphStep, 'id' | 'needs'>>(
  steps: readonly T[],
): readonly (readonly T[])[] {
  const stageOf = new Map<string, number>();
  const stages: T[][] = [];
  for (const step of steps) {
    const stage = step.needs.reduce((latest, need) => Math.max(latest, (stageOf.get(need) ?? -1) + 1), 0);
    stageOf.set(step.id, stage);
    (stages[stage] ??= []).push(step);
  }
  return stages;
}
