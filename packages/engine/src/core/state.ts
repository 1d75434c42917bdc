import type { Plan } from '@sheaf/workflow';
import { bareRecord } from './bare.js';
import type { JournalEvent, StepEvent } from './events.js';
import { corrupt, expect } from './corrupt.js';
import { newQueue } from './queue.js';
import { sourceOf, type RunState } from './run-state.js';
import { newScope, type Names, type ReceivedEvent, type ScopeState, type StepState } from './scope.js';
import { applyStepEvent } from './step-events.js';
import { findSettled, openCatch, openSteps } from './open.js';

/** The state of a run before its first event. The plan must have passed `checkPlan`. */
export function createState(plan: Plan, runId: string): RunState {
  const root: ScopeState = newScope({
    kind: 'run',
    path: '',
    owner: undefined,
    depth: 0,
    workflow: undefined,
    names: {
      parameters: bareRecord(plan.parameters),
      declared: typed(plan.parameterTypes ?? {}),
      variables: {},
      findStep: (id) => findSettled(root, id),
    },
  });
  const state: RunState = {
    plan,
    runId,
    root,
    catch: undefined,
    steps: new Map<string, StepState>(),
    running: new Set(),
    startable: [newQueue()],
    waits: newQueue(),
    doomed: newQueue(),
    sleeping: new Set(),
    retrying: new Set(),
    woken: new Set(),
    matching: new Set(),
    sources: new Map(),
    completed: new Set(),
    artifacts: new Map(),
    skip: new Set(),
    phase: 'new',
    maxParallel: 1,
    rules: undefined,
    opened: 0,
    error: undefined,
    end: undefined,
  };
  openSteps(state, root, plan.steps);
  return state;
}

function typed(types: NonNullable<Plan['parameterTypes']>): NonNullable<Names['declared']> {
  return Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type }]));
}

/** Folds one event into the state. Throws EngineError `journal.corrupt` for one that cannot have happened. */
export function applyEvent(state: RunState, event: JournalEvent): void {
  switch (event.type) {
    case 'run.started':
      expect(state.phase === 'new', event);
      state.phase = 'running';
      state.maxParallel = event.maxParallel;
      state.skip = new Set(event.skip);
      state.rules = event.rules;
      return;
    case 'run.resumed':
      expect(state.phase !== 'new' && (state.end === undefined || state.end.status === 'cancelled'), event);
      state.phase = 'running';
      state.maxParallel = event.maxParallel;
      state.rules = event.rules;
      state.end = undefined;
      return;
    case 'policy.decided':
      expect(state.phase !== 'new', event);
      return;
    case 'run.cancelling':
      expect(state.phase === 'running', event);
      state.phase = 'cancelling';
      return;
    case 'run.catching':
      expect(
        state.phase === 'running' && state.catch === undefined && state.completed.has(state.root),
        event,
      );
      state.completed.delete(state.root);
      state.error = event.error;
      state.catch = openCatch(state, state.root, { steps: state.plan.catch, error: event.error });
      return;
    case 'run.finished':
      expect(state.running.size === 0 && state.phase !== 'finished', event);
      state.phase = 'finished';
      state.end = { ...event, outputs: bareRecord(event.outputs) };
      return;
    case 'artifact.kept':
    case 'artifact.missing':
      expect(state.phase === 'running' && !state.artifacts.has(event.name), event);
      state.artifacts.set(event.name, event);
      return;
    // Of no concern to what is done next.
    case 'workspace.created':
    case 'workspace.reused':
    case 'workspace.removed':
      return;
    case 'event.received':
      receive(state, event);
      return;
    default:
      applyInPhase(state, event);
  }
}

function applyInPhase(state: RunState, event: StepEvent): void {
  const entry = state.steps.get(event.step);
  if (entry === undefined || state.phase === 'new' || state.phase === 'finished') throw corrupt(event);
  applyStepEvent(state, entry, event);
}

/** Events that a source keeps for steps that do not wait yet. */
const KEPT_EVENTS = 1_000;

function receive(
  state: RunState,
  { event, eventSource: source, data }: Extract<JournalEvent, { type: 'event.received' }>,
): void {
  const received: ReceivedEvent = { event, data, claimed: false };
  const { events, waits } = sourceOf(state, source);
  events.push(received);
  if (events.length > KEPT_EVENTS) events.splice(0, events.length - KEPT_EVENTS);
  for (const entry of waits) {
    (entry.events ??= []).push(received);
    state.matching.add(entry);
  }
}
