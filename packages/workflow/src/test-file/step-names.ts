import { listSteps, type PlacedStep } from '../walk.js';
import type { WorkflowDefinition } from '../model.js';

/** The steps of a definition by the names that tests have for them: `checks.lint`, and of `catch`, `catch.clean`. */
export function nameSteps(
  definition: Pick<WorkflowDefinition, 'steps' | 'catch'>,
): ReadonlyMap<string, PlacedStep> {
  const names = new Map<string, PlacedStep>();
  for (const placed of listSteps(definition)) names.set(nameOfStep(placed), placed);
  return names;
}

function nameOfStep({ step, scope }: PlacedStep): string {
  if (scope.owner !== undefined) return `${nameOfStep(scope.owner)}.${step.id}`;
  return scope.isCatch ? `catch.${step.id}` : step.id;
}

/** The name of a step without the items of loops: `tell` of `tell[3]`. */
export function nameOfPath(path: string): string {
  return path.replaceAll(/\[\d+\]/g, '');
}
