import type { KeepCommand, OpenCommand, SleepCommand, StartCommand } from '../core/command.js';
import { nextCommands } from '../core/decide.js';
import { endAttempt } from '../core/end-attempt.js';
import type { JournalEvent, RunEvent } from '../core/events.js';
import type { RunState } from '../core/run-state.js';
import { isContainer } from '../core/scope.js';
import { applyEvent } from '../core/state.js';
import { canWake } from '../core/step-events.js';
import type { Journal, OutputListener, Time } from '../ports.js';
import type { Attempt, AttemptEnd, StartAttempt } from './attempt-port.js';
import { createInbox } from './inbox.js';
import { guardListener, listenAbort } from './listeners.js';
import { createTimers } from './timers.js';

export interface DriverDeps {
  readonly journal: Journal;
  /** Begins what a `start` command asks for. */
  readonly startAttempt: StartAttempt;
  /** Copies an artifact; says in events what became of it. */
  readonly keepArtifact: (command: KeepCommand) => Promise<readonly JournalEvent[]>;
  readonly time: Time;
  /** When steps that opened or wait began, by path; of a run that is gone on with. */
  readonly begun?: ReadonlyMap<string, number>;
}

export interface DriverControl {
  readonly signal?: AbortSignal;
  readonly killSignal?: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
  readonly onOutput?: OutputListener;
  /** Gives the driver what others send to the run; called once, undone at the end. */
  readonly onReceive?: (receive: (event: JournalEvent) => void) => () => void;
}

/** What comes to the driver: a fact, or how an attempt ended, of which the core makes a fact. */
type Arrival =
  | JournalEvent
  | { readonly type: 'ended'; readonly step: string; readonly attempt: number; readonly end: AttemptEnd };

/**
 * Drives a run to its end: applies events, asks the core what follows, makes that durable, then does it. Nothing is begun before
 * the journal holds why. When the journal or a listener fails, all that runs is killed and the error is thrown.
 */
export async function driveRun(
  deps: DriverDeps,
  state: RunState,
  first: readonly JournalEvent[],
  control: DriverControl,
): Promise<void> {
  const inbox = createInbox<Arrival>();
  const attempts = new Map<string, Attempt>();
  const timers = createTimers(deps.time, (step, attempt) => {
    inbox.put({ type: 'step.woke', step, attempt });
  });
  const clock: Clock = { now: () => deps.time.now(), begun: new Map(deps.begun) };
  const cancel = (): void => {
    if (state.phase !== 'cancelling' && !inbox.has('run.cancelling')) inbox.put({ type: 'run.cancelling' });
  };
  const kill = (): void => {
    cancel();
    for (const attempt of attempts.values()) attempt.kill();
  };
  const undo = [
    listenAbort(control.signal, cancel),
    listenAbort(control.killSignal, kill),
    control.onReceive?.(inbox.put) ?? (() => undefined),
  ];
  const onOutput = control.onOutput && guardListener(control.onOutput, inbox.fail);

  const append = async (events: readonly JournalEvent[], durable: boolean): Promise<readonly RunEvent[]> => {
    const stored = await deps.journal.append(events, { durable });
    for (const event of stored) control.onEvent?.(event);
    return stored;
  };

  const begin = (command: StartCommand, now: number): void => {
    const { step, attempt } = command;
    const started = deps.startAttempt(command, {
      now,
      onOutput,
      note: (event) => {
        const entry = state.steps.get(step);
        if (entry?.status !== 'running' || entry.attempts !== attempt) return;
        applyEvent(state, event);
        append([event], false).catch(inbox.fail);
      },
    });
    attempts.set(step, started);
    if (control.killSignal?.aborted === true) started.kill();
    started.end.then((end) => {
      attempts.delete(step);
      inbox.put({ type: 'ended', step, attempt, end });
    }, inbox.fail);
  };

  const kept = new Set<string>();
  const keep = (command: KeepCommand): void => {
    if (kept.has(command.name)) return;
    kept.add(command.name);
    deps.keepArtifact(command).then((events) => {
      for (const event of events) inbox.put(event);
    }, inbox.fail);
  };

  try {
    const take = (arrivals: readonly Arrival[]): JournalEvent[] => {
      const taken: JournalEvent[] = [];
      for (const arrival of arrivals) {
        const event = toFact(arrival, state);
        if (event === undefined) continue;
        const stamped = stamp(event, state, clock);
        applyEvent(state, stamped);
        taken.push(stamped);
      }
      return taken;
    };
    let events = take(first);
    events.push(...take(inbox.drain()));
    for (const entry of state.sleeping) timers.set(entry.path, entry.attempts, entry.until ?? 0);
    for (;;) {
      const { starts, keeps } = followUp(state, events, { attempts, clock });
      for (const event of events) watchTime(event, timers);
      const now = events.length > 0 ? ((await append(events, true))[0]?.at ?? 0) : 0;
      if (state.phase === 'finished') return;
      for (const command of starts) begin(command, now);
      for (const command of keeps) keep(command);
      events = take(await inbox.take());
    }
  } catch (error) {
    for (const attempt of attempts.values()) attempt.kill();
    await Promise.allSettled([...attempts.values()].map((attempt) => attempt.end));
    throw error;
  } finally {
    timers.clear();
    for (const each of undo) each();
  }
}

interface Clock {
  readonly now: () => number;
  readonly begun: Map<string, number>;
}

/** Asks the core until it has nothing to add: appends what follows to `events`, stops what is to stop, returns what is to start. */
function followUp(
  state: RunState,
  events: JournalEvent[],
  { attempts, clock }: { readonly attempts: ReadonlyMap<string, Attempt>; readonly clock: Clock },
): { readonly starts: readonly StartCommand[]; readonly keeps: readonly KeepCommand[] } {
  const starts: StartCommand[] = [];
  let keeps: KeepCommand[] = [];
  const record = (event: JournalEvent): void => {
    const stamped = stamp(event, state, clock);
    applyEvent(state, stamped);
    events.push(stamped);
  };
  for (let recorded = -1; recorded !== events.length;) {
    recorded = events.length;
    keeps = [];
    for (const command of nextCommands(state)) {
      if (command.type === 'stop') attempts.get(command.step)?.stop();
      else if (command.type === 'record') {
        if (command.before !== undefined) record(command.before);
        record(command.event);
      } else if (command.type === 'keep') keeps.push(command);
      else if (command.type === 'open') record(opened(command));
      else if (command.type === 'sleep') record(waiting(command, clock));
      else {
        record({ type: 'step.started', step: command.step, attempt: command.attempt });
        starts.push(command);
      }
    }
  }
  return { starts, keeps };
}

function opened({ step, attempt, items, parameters }: OpenCommand): JournalEvent {
  return {
    type: 'step.opened',
    step,
    attempt,
    ...(items === undefined ? {} : { items }),
    ...(parameters === undefined ? {} : { parameters }),
  };
}

function waiting(command: SleepCommand, clock: Clock): JournalEvent {
  const { step, attempt, source, delayMs } = command;
  const until = command.until ?? (delayMs === undefined ? undefined : clock.now() + delayMs);
  return {
    type: 'step.waiting',
    step,
    attempt,
    for: command.for,
    ...(source === undefined ? {} : { eventSource: source }),
    ...(until === undefined ? {} : { until }),
  };
}

/** The core knows no time: when a block's timeout ends, and how long it and a wait took, is said here. */
function stamp(event: JournalEvent, state: RunState, { now, begun }: Clock): JournalEvent {
  if (event.type === 'step.opened') {
    begun.set(event.step, now());
    const timeoutMs = state.steps.get(event.step)?.step.timeoutMs;
    const entry = state.steps.get(event.step);
    const isTimed = timeoutMs !== undefined && entry?.role !== 'item';
    return isTimed ? { ...event, until: now() + timeoutMs } : event;
  }
  if (event.type === 'step.waiting' && event.for !== 'retry') begun.set(event.step, now());
  if (event.type !== 'step.finished' && event.type !== 'step.retrying') return event;
  const since = event.durationMs === 0 ? begun.get(event.step) : undefined;
  return since === undefined ? event : { ...event, durationMs: Math.max(0, now() - since) };
}

function watchTime(event: JournalEvent, timers: ReturnType<typeof createTimers>): void {
  if (event.type === 'step.opened' || event.type === 'step.waiting') {
    if (event.until !== undefined) timers.set(event.step, event.attempt, event.until);
  } else if (event.type === 'step.finished' || event.type === 'step.retrying') timers.drop(event.step);
}

/** Undefined for what does not matter any more. */
function toFact(arrival: Arrival, state: RunState): JournalEvent | undefined {
  if (arrival.type === 'step.woke') {
    const entry = state.steps.get(arrival.step);
    return entry !== undefined && canWake(entry, arrival.attempt) ? arrival : undefined;
  }
  // What was kept while somebody cancelled is kept again when the run is gone on with.
  if (arrival.type === 'artifact.kept' || arrival.type === 'artifact.missing')
    return state.phase === 'running' ? arrival : undefined;
  if (arrival.type === 'run.cancelling') return state.phase === 'running' ? arrival : undefined;
  if (arrival.type !== 'ended') return arrival;
  const { step, attempt, end } = arrival;
  const entry = state.steps.get(step);
  if (entry === undefined || isContainer(entry)) return undefined;
  if ('interrupted' in end) return { type: 'step.interrupted', step, attempt, reason: end.interrupted };
  const finished = { type: 'step.finished', step, attempt, ...end.outcome } as const;
  return endAttempt(entry, finished, end.retryable ?? true);
}
