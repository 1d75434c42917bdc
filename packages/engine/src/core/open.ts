import type { JsonValue, PlanStep } from '@sheaf/workflow';
import { bareRecord } from './bare.js';
import type { JournalEvent, RunError } from './events.js';
import { enqueue, newQueue } from './queue.js';
import type { RunState } from './run-state.js';
import { isSettled, newScope, newStep, type Names, type ScopeState, type StepState } from './scope.js';

type Opened = Extract<JournalEvent, { readonly type: 'step.opened' }>;

/** Makes the steps of a scope, and lets those go that need nothing. Those of `catch` go one after the other. */
export function openSteps(
  state: RunState,
  scope: ScopeState,
  steps: readonly PlanStep[],
  before?: ScopeState,
): void {
  const prefix = scope.path === '' ? '' : `${scope.path}.`;
  const made = steps.map((step, index) => {
    const role = step.foreach === undefined ? 'step' : 'loop';
    return resumeStep(
      newStep(scope, step, { role, path: prefix + step.id, index, names: scope.names }),
      before,
    );
  });
  add(state, scope, made);
  for (const entry of made) scope.byId.set(entry.step.id, entry);
  if (scope.kind === 'catch') {
    letNextGo(state, scope);
    return;
  }
  for (const entry of made) {
    const needs = new Set(entry.step.needs);
    entry.waiting = needs.size;
    for (const need of needs) {
      const needed = scope.byId.get(need);
      if (needed !== undefined) (needed.dependents ??= []).push(entry);
    }
    if (needs.size === 0) letGo(state, entry);
  }
}

/** Opens the steps that run after a failure in a scope. */
export function openCatch(
  state: RunState,
  failed: ScopeState,
  { steps, error }: { readonly steps: readonly PlanStep[]; readonly error: RunError },
): ScopeState {
  const { names, owner, depth, workflow, path } = failed;
  const scope: ScopeState = newScope({
    kind: 'catch',
    path: path === '' ? 'catch' : `${path}.catch`,
    owner,
    depth,
    workflow,
    names: {
      ...names,
      variables: { error: { ...error } },
      findStep: (id) => findSettled(scope, id) ?? names.findStep(id),
    },
  });
  openSteps(state, scope, steps, owner?.after);
  return scope;
}

/** Opens what a block, loop or sub-workflow holds. */
export function openInner(state: RunState, entry: StepState, event: Opened): void {
  const before = entry.inner;
  const { work } = entry.step;
  const depth = entry.scope.depth + 1;
  while (state.startable.length <= depth) state.startable.push(newQueue());
  const place = { path: entry.path, owner: entry, depth };
  const { workflow } = entry.scope;
  if (entry.role === 'loop') {
    const scope = newScope({ ...place, kind: 'loop', workflow, names: entry.names });
    entry.inner = scope;
    openItems(state, scope, entry, { items: event.items ?? [], before });
  } else if (work.kind === 'block') {
    const { findStep } = entry.names;
    const names: Names = {
      ...entry.names,
      findStep: (id) => findSettled(scope, id) ?? findStep(id),
    };
    const scope: ScopeState = newScope({ ...place, kind: 'block', workflow, names });
    entry.inner = scope;
    openSteps(state, scope, work.steps, before);
  } else if (work.kind === 'workflow') {
    const names: Names = {
      parameters: bareRecord(event.parameters ?? {}),
      declared: state.plan.workflows[work.workflow]?.parameters ?? {},
      variables: {},
      findStep: (id) => findSettled(scope, id),
    };
    const scope: ScopeState = newScope({ ...place, kind: 'workflow', workflow: work.workflow, names });
    entry.inner = scope;
    openSteps(state, scope, state.plan.workflows[work.workflow]?.steps ?? [], before);
  }
}

function openItems(
  state: RunState,
  scope: ScopeState,
  entry: StepState,
  { items, before }: { readonly items: readonly JsonValue[]; readonly before: ScopeState | undefined },
): void {
  const { step, names } = entry;
  const { foreach } = step;
  const name = foreach?.as ?? 'item';
  const each: PlanStep = {
    id: step.id,
    needs: [],
    env: step.env,
    onFailure: 'fail',
    work: step.work,
    ...(step.inputs === undefined ? {} : { inputs: step.inputs }),
    ...(step.retry === undefined ? {} : { retry: step.retry }),
    ...(step.cache === undefined ? {} : { cache: step.cache }),
    ...(step.resources === undefined ? {} : { resources: step.resources }),
  };
  const made = items.map((item, index) => {
    const variables = Object.assign(Object.create(null) as Record<string, JsonValue>, names.variables);
    Object.assign(variables, bareRecord({ [name]: item }));
    const path = `${entry.path}[${index}]`;
    return resumeStep(
      newStep(scope, each, { role: 'item', path, index, names: { ...names, variables } }),
      before,
    );
  });
  add(state, scope, made);
  const first = Math.min(foreach?.maxParallel ?? made.length, made.length);
  for (let count = 0; count < first; count += 1) letNextGo(state, scope);
}

/** In a scope that is opened anew attempts are counted on: their number is part of the key that makes effects idempotent. */
function resumeStep(entry: StepState, before: ScopeState | undefined): StepState {
  const earlier = before?.steps[entry.index];
  if (earlier !== undefined) {
    entry.attempts = earlier.attempts;
    entry.inner = earlier.inner;
    entry.after = earlier.after;
  }
  return entry;
}

function add(state: RunState, scope: ScopeState, made: readonly StepState[]): void {
  scope.steps = made;
  state.opened += made.length;
  for (const entry of made) state.steps.set(entry.path, entry);
  if (made.length === 0) state.completed.add(scope);
}

/** Lets the next step of a scope go whose steps do not wait for each other. */
export function letNextGo(state: RunState, scope: ScopeState): void {
  while (scope.kind === 'loop' && (scope.steps[scope.next]?.status ?? 'pending') !== 'pending')
    scope.next += 1;
  const entry = scope.steps[scope.next];
  if (entry === undefined) return;
  scope.next += 1;
  letGo(state, entry);
}

/** Puts a step whose needs are settled where what is next is taken from. */
export function letGo(state: RunState, entry: StepState): void {
  const { scope, step } = entry;
  // The steps of `catch` clean up: each does, whatever became of the one before.
  const doomed = scope.kind !== 'catch' && step.needs.some((need) => scope.byId.get(need)?.spreads === true);
  if (doomed) enqueue(state.doomed, entry);
  else if (step.work.kind === 'wait' || step.work.kind === 'await_event') enqueue(state.waits, entry);
  else {
    const queue = state.startable[scope.depth];
    if (queue !== undefined) enqueue(queue, entry);
  }
}

/** A step of a scope that is settled. */
export function findSettled(scope: ScopeState, id: string): StepState | undefined {
  const found = scope.byId.get(id);
  return found !== undefined && isSettled(found) ? found : undefined;
}
