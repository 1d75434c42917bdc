import type { Step, WorkflowDefinition } from '../model.js';
import type { Path, RelatedFinding } from '../source/tree.js';
import { listSteps, type PlacedStep } from '../walk.js';
import type { Constant } from './constants.js';
import { listTexts, type TemplateAnalysis } from './templates.js';

/**
 * What becomes of a step in every run, as far as constants tell. One that is `off` is skipped by its own condition or list, and
 * counts as done; one that is `kept` from running needs one that fails, and what needs it is not run either.
 */
export type Fate =
  | { readonly kind: 'off'; readonly key: 'when' | 'foreach' }
  | { readonly kind: 'kept'; readonly need: string; readonly needFate: Fate }
  /** `at` is the place that fails. */
  | { readonly kind: 'fails'; readonly at: RelatedFinding };

/** Of chains of steps that are written from last to first, no more is followed. */
const MAX_DEPTH = 500;

/** Finds the fates of the steps of a definition without cycles; undefined for one that depends on the run. */
export function createFates(
  definition: WorkflowDefinition,
  reads: TemplateAnalysis['steps'],
  constantOf: (template: string) => Constant | undefined,
): (placed: PlacedStep) => Fate | undefined {
  const places = new Map(listSteps(definition).map((placed) => [placed.step, placed]));
  const known = new Map<Step, Fate | undefined>();
  let depth = 0;
  const fateOf = (placed: PlacedStep): Fate | undefined => {
    const { step } = placed;
    if (!known.has(step) && depth < MAX_DEPTH) {
      // A cycle is a finding of its own, and nothing follows from it.
      known.set(step, undefined);
      depth += 1;
      known.set(step, findFate(placed));
      depth -= 1;
    }
    return known.get(step);
  };
  const findFate = (placed: PlacedStep): Fate | undefined => {
    const { step, path } = placed;
    return findNeed(placed) ?? findSwitch(step, constantOf) ?? findFailure(step, path);
  };
  // A step of `catch` runs because another one failed.
  const findNeed = ({ step, scope }: PlacedStep): Fate | undefined => {
    if (scope.isCatch && scope.owner === undefined) return undefined;
    for (const need of new Set([...step.needs, ...(reads.get(step)?.keys() ?? [])])) {
      const other = Object.hasOwn(scope.steps, need) ? places.get(scope.steps[need] ?? step) : undefined;
      if (other === undefined || other.step === step) continue;
      const needFate = fateOf(other);
      const spreads =
        needFate?.kind === 'kept' || (needFate?.kind === 'fails' && other.step.onFailure === 'fail');
      if (spreads) return { kind: 'kept', need, needFate };
    }
    return undefined;
  };
  const findFailure = (step: Step, path: Path): Fate | undefined => {
    const { when, foreach, work } = step;
    // Only what is surely reached counts.
    if (when !== undefined && !isValue(constantOf(when), true))
      return findBroken([[[...path, 'when'], when]], constantOf);
    if (foreach !== undefined && !isFilled(constantOf(foreach.items)))
      return findBroken([[[...path, 'foreach'], foreach.items]], constantOf);
    const broken = findBroken(listGiven(step, path), constantOf);
    if (broken !== undefined || work.kind !== 'block') return broken;
    for (const inner of Object.values(work.steps)) {
      const place = places.get(inner);
      const fate = place === undefined ? undefined : fateOf(place);
      if (fate?.kind === 'fails' && inner.onFailure === 'fail') return fate;
    }
    return undefined;
  };
  return fateOf;
}

function findSwitch(
  { when, foreach }: Step,
  constantOf: (template: string) => Constant | undefined,
): Fate | undefined {
  if (when !== undefined && isValue(constantOf(when), false)) return { kind: 'off', key: 'when' };
  if (foreach === undefined || (when !== undefined && !isValue(constantOf(when), true))) return undefined;
  const list = constantOf(foreach.items);
  const isEmpty = list !== undefined && 'value' in list && Array.isArray(list.value) && !isFilled(list);
  return isEmpty ? { kind: 'off', key: 'foreach' } : undefined;
}

function findBroken(
  texts: Iterable<readonly [Path, string]>,
  constantOf: (template: string) => Constant | undefined,
): Fate | undefined {
  for (const [path, text] of texts) {
    const found = constantOf(text);
    if (found !== undefined && 'error' in found)
      return { kind: 'fails', at: { path, within: found.within, label: found.error } };
  }
  return undefined;
}

/** The templates that are evaluated whenever a step is begun. */
function* listGiven({ env, work }: Step, path: Path): Generator<readonly [Path, string]> {
  for (const [name, text] of Object.entries(env)) yield [[...path, 'env', name], text];
  if (work.kind === 'script' || work.kind === 'action') yield* listTexts(work.with, [...path, 'with']);
  if (work.kind !== 'wait') return;
  if (typeof work.seconds === 'string') yield [[...path, 'wait', 'seconds'], work.seconds];
  if (work.until !== undefined) yield [[...path, 'wait', 'until'], work.until];
}

function isValue(constant: Constant | undefined, value: boolean): boolean {
  return constant !== undefined && 'value' in constant && constant.value === value;
}

function isFilled(constant: Constant | undefined): boolean {
  if (constant === undefined || !('value' in constant)) return false;
  return Array.isArray(constant.value) && constant.value.length > 0;
}
