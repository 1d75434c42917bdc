import type { JsonValue, Plan, PlanStep, Scope, StepScope } from '@sheaf/workflow';
import { EngineError } from '../errors.js';
import { bareRecord } from './bare.js';
import type { JournalEvent, ProcessIdentity, Reason, StepOutcome } from './events.js';

/** One step as the events so far left it. `ready`: all it needs is settled. */
export interface StepState {
  readonly step: PlanStep;
  status: 'pending' | 'ready' | 'running' | 'succeeded' | 'failed' | 'skipped';
  attempts: number;
  /** Needs that are not settled yet. */
  waiting: number;
  /** Its failure, or that of what it needs, spreads to what needs it. */
  spreads: boolean;
  /** Where in its queue the step stands; an entry at another place is stale. */
  place: number;
  outcome: StepOutcome | undefined;
  reason: Reason | undefined;
  process: ProcessIdentity | undefined;
  /** The earlier run whose result stands for this step. */
  reusedFrom: string | undefined;
}

/** Steps in the order they became ready. Taken ones stay behind `head`, so that a whole run costs linear time. */
export interface Queue {
  readonly entries: StepState[];
  head: number;
}

/** What the events of a run amount to. Changed in place by {@link applyEvent} and by nothing else. */
export interface RunState {
  readonly plan: Plan;
  /** In the plan's order. */
  readonly steps: ReadonlyMap<string, StepState>;
  readonly dependents: ReadonlyMap<string, readonly StepState[]>;
  readonly running: Set<StepState>;
  /** Ready steps that may start. */
  readonly startable: Queue;
  /** Ready steps that can only be skipped, because of what they need. */
  readonly doomed: Queue;
  readonly scope: Scope & { readonly steps: Record<string, StepScope> };
  phase: 'new' | 'running' | 'cancelling' | 'finished';
  maxParallel: number;
  settled: number;
  /** Failed steps whose failure is the run's. */
  failures: number;
  end: Extract<JournalEvent, { type: 'run.finished' }> | undefined;
}

/** The state of a run before its first event. The plan must have passed `checkPlan`. */
export function createState(plan: Plan, runId: string): RunState {
  const steps = new Map<string, StepState>();
  const dependents = new Map<string, StepState[]>();
  const state: RunState = {
    plan,
    steps,
    dependents,
    running: new Set(),
    startable: { entries: [], head: 0 },
    doomed: { entries: [], head: 0 },
    scope: {
      params: bareRecord(plan.parameters),
      steps: Object.create(null) as Record<string, StepScope>,
      run: { id: runId },
    },
    phase: 'new',
    maxParallel: 1,
    settled: 0,
    failures: 0,
    end: undefined,
  };
  for (const step of plan.steps) {
    const needs = new Set(step.needs);
    const entry = newStep(step, needs.size);
    steps.set(step.id, entry);
    dependents.set(step.id, []);
    for (const need of needs) dependents.get(need)?.push(entry);
    if (needs.size === 0) enqueue(state, entry);
  }
  return state;
}

/** Folds one event into the state. Throws EngineError `journal.corrupt` for one that cannot have happened. */
export function applyEvent(state: RunState, event: JournalEvent): void {
  switch (event.type) {
    case 'run.started':
      expect(state.phase === 'new', event);
      state.phase = 'running';
      state.maxParallel = event.maxParallel;
      return;
    case 'run.resumed':
      expect(state.phase !== 'new' && (state.end === undefined || state.end.status === 'cancelled'), event);
      state.phase = 'running';
      state.maxParallel = event.maxParallel;
      state.end = undefined;
      return;
    case 'run.cancelling':
      expect(state.phase === 'running', event);
      state.phase = 'cancelling';
      return;
    case 'run.finished':
      expect(state.running.size === 0 && state.phase !== 'finished', event);
      state.phase = 'finished';
      state.end = { ...event, outputs: bareRecord(event.outputs) };
      return;
    default:
      applyStepEvent(state, event);
  }
}

type StepEvent = Extract<JournalEvent, { readonly step: string }>;

function applyStepEvent(state: RunState, event: StepEvent): void {
  const entry = state.steps.get(event.step);
  if (entry === undefined || state.phase === 'new' || state.phase === 'finished') throw corrupt(event);
  switch (event.type) {
    case 'step.started':
      expect(entry.status === 'ready' && event.attempt === entry.attempts + 1, event);
      entry.status = 'running';
      entry.attempts = event.attempt;
      entry.process = undefined;
      entry.reason = undefined;
      state.running.add(entry);
      advance(state);
      return;
    case 'step.spawned':
      expect(entry.status === 'running' && event.attempt === entry.attempts, event);
      entry.process = event.process;
      return;
    case 'step.finished':
      // Attempt 0: an expression failed, so the step ended without ever starting.
      expect(entry.status === (event.attempt === 0 ? 'ready' : 'running'), event);
      expect(event.attempt === 0 || event.attempt === entry.attempts, event);
      entry.outcome = { ...event, outputs: bareRecord(event.outputs) };
      entry.spreads = event.status === 'failed' && entry.step.onFailure === 'fail';
      if (entry.spreads) state.failures += 1;
      settle(state, entry, event.status, entry.outcome.outputs, event.reason);
      return;
    case 'step.reused':
      expect(entry.status === 'ready' && entry.attempts === 0, event);
      expect(event.status === 'succeeded' || entry.step.onFailure === 'continue', event);
      entry.attempts = event.attempt;
      entry.reusedFrom = event.from;
      entry.outcome = { ...event, outputs: bareRecord(event.outputs) };
      settle(state, entry, event.status, entry.outcome.outputs, event.reason);
      return;
    case 'step.skipped':
      expect(entry.status === 'ready', event);
      entry.spreads = event.reason.code === 'step.need_failed';
      settle(state, entry, 'skipped', Object.create(null) as Record<string, JsonValue>, event.reason);
      return;
    case 'step.interrupted':
      expect(entry.status === 'running' && event.attempt === entry.attempts, event);
      state.running.delete(entry);
      entry.reason = event.reason;
      entry.process = undefined;
      enqueue(state, entry);
      return;
  }
}

function settle(
  state: RunState,
  entry: StepState,
  status: StepScope['status'],
  outputs: StepScope['outputs'],
  reason: Reason | undefined,
): void {
  state.running.delete(entry);
  entry.status = status;
  entry.reason = reason;
  state.settled += 1;
  state.scope.steps[entry.step.id] = { status, outputs };
  for (const dependent of state.dependents.get(entry.step.id) ?? []) {
    dependent.waiting -= 1;
    if (dependent.waiting === 0) enqueue(state, dependent);
  }
  advance(state);
}

function enqueue(state: RunState, entry: StepState): void {
  const doomed = entry.step.needs.some((need) => state.steps.get(need)?.spreads === true);
  const queue = doomed ? state.doomed : state.startable;
  entry.status = 'ready';
  entry.place = queue.entries.push(entry) - 1;
}

function advance(state: RunState): void {
  for (const queue of [state.startable, state.doomed]) {
    while (queue.head < queue.entries.length && !isQueued(queue, queue.head)) queue.head += 1;
  }
}

/** True when the entry at `place` still waits there. */
export function isQueued(queue: Queue, place: number): boolean {
  const entry = queue.entries[place];
  return entry?.status === 'ready' && entry.place === place;
}

function newStep(step: PlanStep, waiting: number): StepState {
  return {
    step,
    status: 'pending',
    attempts: 0,
    waiting,
    spreads: false,
    place: -1,
    outcome: undefined,
    reason: undefined,
    process: undefined,
    reusedFrom: undefined,
  };
}

function expect(holds: boolean, event: JournalEvent): void {
  if (!holds) throw corrupt(event);
}

function corrupt(event: JournalEvent): EngineError {
  const step = 'step' in event ? ` of step ${event.step}` : '';
  return new EngineError(
    'journal.corrupt',
    `the journal holds ${event.type}${step} where it cannot have happened`,
    {
      hint: 'start the run anew; its journal was changed or damaged',
    },
  );
}
