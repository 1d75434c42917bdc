import { DYN, type CelType, type RecordType } from '../expression/types.js';
import type { Step } from '../model.js';
import type { PlacedScope, PlacedStep } from '../walk.js';
import { ERROR, LazyFields, parametersRecord, recordOf, RUN, stepRecord, type NameContext } from './names.js';

/** The names that the expressions of a definition may use, by where they stand. */
export interface ScopeNames {
  /** At the top: outputs and artifacts. */
  readonly top: RecordType;
  /** In what triggers a run. */
  readonly trigger: RecordType;
  /** In a reusable step. */
  readonly ofAction: (name: string) => RecordType;
  /** In what decides whether, and for which items, a step runs. */
  readonly around: (placed: PlacedStep) => RecordType;
  /** In what a step is given: also the item of its own loop, of the type that is told of it. */
  readonly inside: (placed: PlacedStep, item?: CelType) => RecordType;
}

/** A scope with its names as they are needed, for the scopes in it. */
interface Known {
  readonly steps: ReadonlyMap<string, CelType>;
  readonly loops: readonly (readonly [string, CelType])[];
  readonly names: RecordType;
}

export function createScopeNames(context: NameContext): ScopeNames {
  const { definition } = context;
  const params = parametersRecord(definition.parameters);
  const known = new Map<PlacedScope, Known>();
  const items = new Map<Step, CelType>();
  const typeOf = (steps: Readonly<Record<string, Step>>) => (id: string) => {
    const step = steps[id];
    return step === undefined ? DYN : stepRecord(step, context);
  };
  const namesOf = (
    steps: ReadonlyMap<string, CelType>,
    more: readonly (readonly [string, CelType])[],
  ): RecordType =>
    recordOf('field', [
      ['params', params],
      ['steps', { kind: 'record', what: 'step', fields: steps }],
      ['run', RUN],
      ...more,
    ]);
  const topSteps = new LazyFields(Object.keys(definition.steps), typeOf(definition.steps));
  const ofScope = (scope: PlacedScope): Known => {
    const made = known.get(scope) ?? makeScope(scope);
    known.set(scope, made);
    return made;
  };
  const makeScope = (scope: PlacedScope): Known => {
    const { owner, earlier } = scope;
    const errors = scope.isCatch ? [['error', ERROR] as const] : [];
    if (owner === undefined) {
      const steps =
        earlier === undefined ? topSteps : new LazyFields(Object.keys(earlier), typeOf(earlier), topSteps);
      return { steps, loops: errors, names: namesOf(steps, errors) };
    }
    const outer = ofScope(owner.scope);
    const { foreach } = owner.step;
    const own = foreach === undefined ? [] : [[foreach.as, items.get(owner.step) ?? DYN] as const];
    const loops = [...outer.loops, ...own];
    const steps = new LazyFields(Object.keys(scope.steps), typeOf(scope.steps), outer.steps);
    return { steps, loops, names: namesOf(steps, loops) };
  };

  return {
    top: namesOf(topSteps, []),
    trigger: recordOf('field', [['event', DYN]]),
    ofAction: (name) => {
      const template = definition.actions[name];
      const inputs = parametersRecord(template?.inputs ?? {});
      return recordOf('field', [
        ['inputs', { ...inputs, what: 'field' }],
        ['params', params],
        ['run', RUN],
      ]);
    },
    around: ({ scope }) => ofScope(scope).names,
    inside: ({ step, scope }, item) => {
      const { steps, loops, names } = ofScope(scope);
      if (item !== undefined) items.set(step, item);
      const more: (readonly [string, CelType])[] = [...loops];
      if (step.foreach !== undefined) more.push([step.foreach.as, item ?? DYN]);
      if (step.work.kind === 'await_event') more.push(['event', DYN]);
      return more.length === loops.length ? names : namesOf(steps, more);
    },
  };
}
