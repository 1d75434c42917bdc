import { bareRecord } from './bare.js';
import { expect } from './corrupt.js';
import type { Reason, RunError, StepEvent, StepOutcome } from './events.js';
import { letGo, letNextGo, openCatch, openInner } from './open.js';
import { advance } from './queue.js';
import { sourceOf, type RunState } from './run-state.js';
import { isContainer, isOpen, type StepState } from './scope.js';

/** Folds an event of a step. Throws EngineError `journal.corrupt` for one that cannot have happened. */
export function applyStepEvent(state: RunState, entry: StepState, event: StepEvent): void {
  switch (event.type) {
    case 'step.opened':
      expect(mayBegin(entry) && isContainer(entry) && event.attempt === entry.attempts + 1, event);
      begin(state, entry, event.attempt);
      entry.status = 'open';
      sleepUntil(state, entry, event.until);
      openInner(state, entry, event);
      return;
    case 'step.catching':
      expect(
        entry.status === 'open' && entry.inner?.kind === 'workflow' && event.attempt === entry.attempts,
        event,
      );
      catchIn(state, entry, event.error);
      return;
    case 'step.started':
      expect(entry.status === 'ready' && !isContainer(entry) && event.attempt === entry.attempts + 1, event);
      begin(state, entry, event.attempt);
      entry.status = 'running';
      state.running.add(entry);
      count(entry, 1);
      return;
    case 'step.spawned':
      expect(entry.status === 'running' && event.attempt === entry.attempts, event);
      entry.process = event.process;
      return;
    case 'step.secret':
    case 'step.cache':
    case 'step.workspace':
      expect(entry.status === 'running' && event.attempt === entry.attempts, event);
      if (event.type === 'step.cache') entry.cached = event;
      return;
    case 'step.waiting':
      wait(state, entry, event);
      return;
    case 'step.woke':
      expect(canWake(entry, event.attempt), event);
      wake(state, entry);
      return;
    case 'step.passed':
      expect(entry.status === 'waiting' && entry.events?.[0]?.event === event.event, event);
      entry.events?.shift();
      if (entry.events?.length === 0) state.matching.delete(entry);
      return;
    case 'step.retrying':
      expect(mayEnd(entry, event.attempt) && event.status === 'failed', event);
      leave(state, entry);
      entry.tries += 1;
      entry.status = 'retrying';
      keepOutcome(entry, event);
      state.retrying.add(entry);
      return;
    case 'step.finished':
      expect(mayEnd(entry, event.attempt), event);
      leave(state, entry);
      for (const received of entry.events ?? []) if (received.event === event.event) received.claimed = true;
      entry.events = undefined;
      keepOutcome(entry, event);
      entry.spreads = event.status === 'failed' && entry.step.onFailure === 'fail';
      settle(state, entry, event.status, event.reason);
      return;
    case 'step.reused':
      expect(mayBegin(entry) && entry.attempts === 0 && !isContainer(entry), event);
      expect(event.status === 'succeeded' || entry.step.onFailure === 'continue', event);
      entry.attempts = event.attempt;
      entry.reusedFrom = event.from;
      keepOutcome(entry, event);
      settle(state, entry, event.status, event.reason);
      return;
    case 'step.skipped':
      expect(mayBegin(entry), event);
      entry.spreads = event.reason.code === 'step.need_failed';
      settle(state, entry, 'skipped', event.reason);
      return;
    case 'step.interrupted':
      expect(entry.status === 'running' && event.attempt === entry.attempts, event);
      leave(state, entry);
      entry.reason = event.reason;
      entry.process = undefined;
      letGo(state, entry);
      return;
  }
}

/** Items are independent of each other: what an earlier run did for one may stand before it is its turn. */
function mayBegin({ status, scope }: StepState): boolean {
  return status === 'ready' || (status === 'pending' && scope.kind === 'loop');
}

/** Whether a step sleeps since that attempt, so that its time can come. */
export function canWake(entry: StepState, attempt: number): boolean {
  const sleeps = entry.status === 'waiting' || entry.status === 'open';
  return (
    sleeps && entry.until !== undefined && !entry.woke && entry.attempts === attempt && isOpen(entry.scope)
  );
}

function catchIn(state: RunState, entry: StepState, error: RunError): void {
  const { inner } = entry;
  if (inner?.workflow === undefined) return;
  state.completed.delete(inner);
  const steps = state.plan.workflows[inner.workflow]?.catch ?? [];
  entry.after = openCatch(state, inner, { steps, error });
}

function begin(state: RunState, entry: StepState, attempt: number): void {
  entry.attempts = attempt;
  entry.process = undefined;
  entry.reason = undefined;
  entry.woke = false;
  entry.until = undefined;
  advanceAll(state, entry);
}

/** Attempt 0: an expression failed, so the step ended without ever starting. */
function mayEnd(entry: StepState, attempt: number): boolean {
  if (attempt === 0) return entry.status === 'ready';
  const atWork = entry.status === 'running' || entry.status === 'open' || entry.status === 'waiting';
  return atWork && attempt === entry.attempts;
}

function keepOutcome(entry: StepState, outcome: StepOutcome): void {
  entry.outcome = { ...outcome, outputs: bareRecord(outcome.outputs) };
  entry.reason = outcome.reason;
}

function wait(
  state: RunState,
  entry: StepState,
  event: Extract<StepEvent, { readonly type: 'step.waiting' }>,
): void {
  const { work } = entry.step;
  if (event.for === 'retry') {
    expect(entry.status === 'retrying' && event.attempt === entry.attempts, event);
    state.retrying.delete(entry);
  } else {
    const kind = event.for === 'time' ? 'wait' : 'await_event';
    expect(entry.status === 'ready' && work.kind === kind && event.attempt === entry.attempts + 1, event);
    begin(state, entry, event.attempt);
  }
  entry.status = 'waiting';
  sleepUntil(state, entry, event.until);
  if (work.kind !== 'await_event' || event.for !== 'event') return;
  const { events, waits } = sourceOf(state, work.source);
  waits.add(entry);
  const unclaimed = events.filter((received) => !received.claimed);
  entry.events = unclaimed;
  if (unclaimed.length > 0) state.matching.add(entry);
}

function sleepUntil(state: RunState, entry: StepState, until: number | undefined): void {
  entry.until = until;
  entry.woke = false;
  if (until !== undefined) state.sleeping.add(entry);
}

function wake(state: RunState, entry: StepState): void {
  state.sleeping.delete(entry);
  if (
    entry.status === 'waiting' &&
    entry.step.work.kind !== 'wait' &&
    entry.step.work.kind !== 'await_event'
  ) {
    letGo(state, entry);
    return;
  }
  entry.woke = true;
  state.woken.add(entry);
  for (const scope of [entry.inner, entry.after]) if (scope !== undefined) scope.closed = true;
}

/** Takes a step out of everything that says that it is at work. */
function leave(state: RunState, entry: StepState): void {
  if (state.running.delete(entry)) count(entry, -1);
  state.sleeping.delete(entry);
  state.woken.delete(entry);
  state.matching.delete(entry);
  const { step } = entry;
  for (const scope of [entry.inner, entry.after]) {
    if (scope === undefined || scope.closed) continue;
    scope.closed = true;
    state.completed.delete(scope);
  }
  if (entry.woke) forgetClosed(state);
  if (step.work.kind === 'await_event') state.sources.get(step.work.source)?.waits.delete(entry);
}

/** What a step that ended before its inner steps did leaves of them. */
function forgetClosed(state: RunState): void {
  for (const entries of [state.sleeping, state.retrying, state.woken, state.matching]) {
    for (const entry of entries) if (!isOpen(entry.scope)) entries.delete(entry);
  }
  for (const scope of state.completed) if (!isOpen(scope)) state.completed.delete(scope);
  for (const { waits } of state.sources.values()) {
    for (const entry of waits) if (!isOpen(entry.scope)) waits.delete(entry);
  }
}

/** Counts a step that runs in all scopes around it. */
function count(entry: StepState, change: number): void {
  for (let scope = entry.scope; ;) {
    scope.running += change;
    if (scope.owner === undefined) return;
    scope = scope.owner.scope;
  }
}

function settle(
  state: RunState,
  entry: StepState,
  status: 'succeeded' | 'failed' | 'skipped',
  reason: Reason | undefined,
): void {
  const { scope } = entry;
  entry.status = status;
  entry.reason = reason;
  scope.settled += 1;
  if (entry.spreads && status === 'failed') {
    scope.failures += 1;
    scope.firstFailure ??= entry;
  }
  for (const dependent of entry.dependents ?? []) {
    dependent.waiting -= 1;
    if (dependent.waiting === 0) letGo(state, dependent);
  }
  // An item that an earlier run has done, and that was never let go, leaves no place to another.
  if ((scope.kind === 'loop' && entry.place >= 0) || scope.kind === 'catch') letNextGo(state, scope);
  if (scope.settled === scope.steps.length) state.completed.add(scope);
  advanceAll(state, entry);
}

function advanceAll(state: RunState, entry: StepState): void {
  advance(state.waits);
  advance(state.doomed);
  const own = state.startable[entry.scope.depth];
  if (own !== undefined) advance(own);
}
