import type { JsonValue, Parameter, PlanStep, ScopeValue } from '@sheaf/workflow';
import type { ProcessIdentity, Reason, StepEvent, StepOutcome } from './events.js';

/** A set of steps that run together, with the names that their expressions see. `path` is a prefix of theirs. */
export interface ScopeState {
  readonly kind: 'run' | 'block' | 'loop' | 'workflow' | 'catch';
  readonly path: string;
  /** The step that the scope was opened for; the run's and `catch`'s have none. */
  readonly owner: StepState | undefined;
  readonly names: Names;
  readonly depth: number;
  /** Key in `Plan.workflows` of what the steps are written in; unset: the plan itself. */
  readonly workflow: string | undefined;
  /** In the order of the plan; of a loop in that of its items. */
  steps: readonly StepState[];
  readonly byId: Map<string, StepState>;
  settled: number;
  /** Steps at work in it, at any depth. */
  running: number;
  /** Steps of it whose failure is its own. */
  failures: number;
  firstFailure: StepState | undefined;
  /** Steps that are let go one after the other: the next of them. */
  next: number;
  /** Nothing in it starts any more: its time is over, or it was opened anew. */
  closed: boolean;
}

/** What expressions of a step see. */
export interface Names {
  readonly parameters: Readonly<Record<string, JsonValue>>;
  /** What they are declared as, where that is known. */
  readonly declared?: Readonly<Record<string, Pick<Parameter, 'type'>>>;
  /** A step that is settled; undefined when there is none. */
  readonly findStep: (id: string) => StepState | undefined;
  /** Loop variables and the like, by name. */
  readonly variables: Readonly<Record<string, JsonValue>>;
  /** What one of [actions] was given. */
  readonly inputs?: Readonly<Record<string, ScopeValue>>;
}

/** An event that was sent to the run. */
export interface ReceivedEvent {
  readonly event: string;
  readonly data: JsonValue;
  /** A step took it that waited for it. */
  claimed: boolean;
}

export type StepStatus =
  | 'pending'
  /** All it needs is settled, and it may start. */
  | 'ready'
  | 'running'
  /** The steps in it run. */
  | 'open'
  /** An attempt failed, and the delay before the next is not journaled yet. */
  | 'retrying'
  | 'waiting'
  | 'succeeded'
  | 'failed'
  | 'skipped';

/** A settled step as expressions see it; the outputs of a loop are a list. */
export interface StepView {
  readonly [field: string]: JsonValue;
  readonly status: 'succeeded' | 'failed' | 'skipped';
  readonly outputs: JsonValue;
}

/** One step of a scope, as the events so far left it. */
export interface StepState {
  readonly path: string;
  readonly step: PlanStep;
  /** What it does: a loop only opens its items, and an item does the work of the loop's step. */
  readonly role: 'step' | 'loop' | 'item';
  readonly scope: ScopeState;
  /** Its place in the scope. */
  readonly index: number;
  readonly names: Names;
  status: StepStatus;
  /** Attempts that began. */
  attempts: number;
  /** Attempts that failed, since the step around it was opened. */
  tries: number;
  /** Needs that are not settled yet. */
  waiting: number;
  dependents: StepState[] | undefined;
  /** Its failure, or that of what it needs, spreads to what needs it. */
  spreads: boolean;
  /** Where in its queue the step stands; an entry at another place is stale. */
  place: number;
  /** What it opened last. */
  inner: ScopeState | undefined;
  /** The `catch` of a sub-workflow, once a step of it failed and all are settled. */
  after: ScopeState | undefined;
  until: number | undefined;
  /** Its time has come. */
  woke: boolean;
  /** Events that it has not looked at. */
  events: ReceivedEvent[] | undefined;
  outcome: StepOutcome | undefined;
  reason: Reason | undefined;
  process: ProcessIdentity | undefined;
  /** The earlier run whose result stands for this step. */
  reusedFrom: string | undefined;
  /** What the step cache had for its last attempt. */
  cached: Extract<StepEvent, { readonly type: 'step.cache' }> | undefined;
  /** How expressions see it; made when somebody looks. */
  view: StepView | undefined;
}

export function newStep(
  scope: ScopeState,
  step: PlanStep,
  {
    role,
    path,
    index,
    names,
  }: {
    readonly role: StepState['role'];
    readonly path: string;
    readonly index: number;
    readonly names: Names;
  },
): StepState {
  return {
    path,
    step,
    role,
    scope,
    index,
    names,
    status: 'pending',
    attempts: 0,
    tries: 0,
    waiting: 0,
    dependents: undefined,
    spreads: false,
    place: -1,
    inner: undefined,
    after: undefined,
    until: undefined,
    woke: false,
    events: undefined,
    outcome: undefined,
    reason: undefined,
    process: undefined,
    reusedFrom: undefined,
    cached: undefined,
    view: undefined,
  };
}

export function newScope(
  fields: Pick<ScopeState, 'kind' | 'path' | 'owner' | 'names' | 'depth' | 'workflow'>,
): ScopeState {
  return {
    ...fields,
    steps: [],
    byId: new Map(),
    settled: 0,
    running: 0,
    failures: 0,
    firstFailure: undefined,
    next: 0,
    closed: false,
  };
}

/** The kinds of work that open a scope. */
export function isContainer(entry: StepState): boolean {
  const { kind } = entry.step.work;
  return entry.role === 'loop' || kind === 'block' || kind === 'workflow';
}

export function isSettled({ status }: StepState): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'skipped';
}

/** Whether steps of a scope may still begin: neither it nor one around it is closed. */
export function isOpen(scope: ScopeState | undefined): boolean {
  for (let at = scope; at !== undefined; at = at.owner?.scope) if (at.closed) return false;
  return true;
}

/** The step that made a step fail: the first to fail in it, as deep as that goes. */
export function innermostFailure(entry: StepState): StepState {
  let found = entry;
  while (found.reason?.code !== 'step.timeout' && found.inner?.firstFailure !== undefined) {
    found = found.inner.firstFailure;
  }
  return found;
}

/** How expressions see a step that is settled. */
export function viewOf(entry: StepState): StepView {
  entry.view ??= { status: entry.status as StepView['status'], outputs: outputsOf(entry) };
  return entry.view;
}

/** The outputs of a settled step; those of blocks and loops are made of what is in them. */
export function outputsOf(entry: StepState): JsonValue {
  const { inner } = entry;
  if (entry.role === 'loop' && inner !== undefined) {
    return inner.steps.map((item) => (hasOutputs(item) ? outputsOf(item) : null));
  }
  if (entry.step.work.kind === 'block' && entry.role !== 'loop' && inner !== undefined) {
    const outputs = Object.create(null) as Record<string, JsonValue>;
    for (const step of inner.steps) if (hasOutputs(step)) outputs[step.step.id] = outputsOf(step);
    return outputs;
  }
  return entry.outcome?.outputs ?? EMPTY;
}

function hasOutputs({ status }: StepState): boolean {
  return status === 'succeeded' || status === 'failed';
}

const EMPTY = Object.freeze(Object.create(null) as Record<string, JsonValue>);
