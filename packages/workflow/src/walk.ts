import type { Step, Work, WorkflowDefinition } from './model.js';
import type { Path } from './source/tree.js';
import { mapTable } from './tables.js';
import { tick } from './text.js';

/** A step where it stands. */
export interface PlacedStep {
  readonly step: Step;
  /** Where the file has it. */
  readonly path: Path;
  readonly scope: PlacedScope;
}

/** Steps beside each other: those at the top, of a block, of a loop, or one of `catch` with what it sees. */
export interface PlacedScope {
  readonly steps: Readonly<Record<string, Step>>;
  readonly path: Path;
  /** The step whose steps these are. */
  readonly owner?: PlacedStep;
  readonly isCatch: boolean;
  /** Of `catch`: the ones that have run before. */
  readonly earlier?: Readonly<Record<string, Step>>;
}

/** Every step of a definition, those of blocks and loops after the one that holds them, and last those of `catch`. */
export function listSteps(definition: Pick<WorkflowDefinition, 'steps' | 'catch'>): readonly PlacedStep[] {
  const known = LISTS.get(definition);
  if (known !== undefined) return known;
  const list: PlacedStep[] = [];
  const top: PlacedScope = { steps: definition.steps, path: ['steps'], isCatch: false };
  listScope(top, Object.values(definition.steps), list);
  const earlier = Object.create(null) as Record<string, Step>;
  for (const [at, step] of definition.catch.entries()) {
    const scope: PlacedScope = {
      steps: definition.steps,
      path: ['catch'],
      isCatch: true,
      earlier: mapTable(earlier, (each) => each),
    };
    listStep({ step, path: ['catch', at], scope }, list);
    earlier[step.id] = step;
  }
  LISTS.set(definition, list);
  return list;
}

/** Each check of a definition goes over all of its steps. */
const LISTS = new WeakMap<object, readonly PlacedStep[]>();

function listScope(scope: PlacedScope, steps: readonly Step[], list: PlacedStep[]): void {
  for (const step of steps) listStep({ step, path: [...scope.path, step.id], scope }, list);
}

function listStep(placed: PlacedStep, list: PlacedStep[]): void {
  list.push(placed);
  const scope = innerScope(placed);
  if (scope !== undefined) listScope(scope, Object.values(scope.steps), list);
}

/** The scope that a block or a loop of several steps opens. */
export function innerScope(placed: PlacedStep): PlacedScope | undefined {
  const { step, path, scope } = placed;
  if (step.work.kind !== 'block') return undefined;
  const key = step.foreach === undefined ? 'steps' : 'do';
  return { steps: step.work.steps, path: [...path, key], owner: placed, isCatch: scope.isCatch };
}

/** What a shell or an interpreter is given, and where. */
export interface Script {
  readonly run: string;
  readonly path: Path;
  /** How messages call what it belongs to. */
  readonly owner: string;
  /** The program that reads it, where that is no shell. */
  readonly interpreter?: string;
}

/** Every script of a definition that a shell or an interpreter reads: those of [actions], then those of the steps. */
export function* listScripts(
  definition: Pick<WorkflowDefinition, 'actions' | 'steps' | 'catch'>,
): Generator<Script> {
  for (const [name, { work }] of Object.entries(definition.actions)) {
    yield* scriptOf(work, ['actions', name], `action ${tick(name)}`);
  }
  for (const { step, path } of listSteps(definition))
    yield* scriptOf(step.work, path, `step ${tick(step.id)}`);
}

function* scriptOf(work: Work, path: Path, owner: string): Generator<Script> {
  if (work.kind !== 'shell') return;
  const interpreter = typeof work.shell === 'object' ? work.shell[0] : undefined;
  yield {
    run: work.run,
    path: [...path, 'run'],
    owner,
    ...(interpreter === undefined ? {} : { interpreter }),
  };
}
