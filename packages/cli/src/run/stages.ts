/** A step of a graph: what it waits for, and what makes it special. */
export interface GraphStep {
  readonly id: string;
  readonly needs: readonly string[];
  readonly when?: string;
  /** Its failure counts as done. */
  readonly mayFail: boolean;
}

/**
 * Steps by the earliest time they can begin: those of one stage need none of the same. Steps come in an order in which
 * each stands behind what it needs.
 */
export function toStages(steps: readonly GraphStep[]): readonly (readonly GraphStep[])[] {
  const stageOf = new Map<string, number>();
  const stages: GraphStep[][] = [];
  for (const step of steps) {
    const stage = step.needs.reduce((latest, need) => Math.max(latest, (stageOf.get(need) ?? -1) + 1), 0);
    stageOf.set(step.id, stage);
    (stages[stage] ??= []).push(step);
  }
  return stages;
}
