import { nextCommands, type Command } from '../core/decide.js';
import type { JournalEvent, RunEvent } from '../core/events.js';
import { applyEvent, type RunState } from '../core/state.js';
import type { Journal, OutputListener, ProcessHandle } from '../ports.js';
import type { Attempt } from './attempt.js';

export interface DriverDeps {
  readonly journal: Journal;
  /** Begins what a `start` command asks for. */
  readonly startAttempt: (
    command: Extract<Command, { type: 'start' }>,
    onOutput: OutputListener | undefined,
  ) => Attempt;
}

export interface DriverControl {
  readonly signal?: AbortSignal;
  readonly killSignal?: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
  readonly onOutput?: OutputListener;
}

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
  const inbox = createInbox();
  const handles = new Map<string, ProcessHandle>();
  const cancel = (): void => {
    if (state.phase !== 'cancelling' && !inbox.has('run.cancelling')) inbox.put({ type: 'run.cancelling' });
  };
  const kill = (): void => {
    cancel();
    for (const handle of handles.values()) handle.kill();
  };
  const stopListening = [listenAbort(control.signal, cancel), listenAbort(control.killSignal, kill)];
  const onOutput = control.onOutput && guardListener(control.onOutput, inbox.fail);

  const append = async (events: readonly JournalEvent[], durable: boolean): Promise<void> => {
    const stored = await deps.journal.append(events, { durable });
    for (const event of stored) control.onEvent?.(event);
  };

  const begin = (command: Extract<Command, { type: 'start' }>): void => {
    const { step, attempt } = command;
    const started = deps.startAttempt(command, onOutput);
    if (started.handle !== undefined) {
      handles.set(step, started.handle);
      if (control.killSignal?.aborted === true) started.handle.kill();
      const process = started.handle.identity;
      if (process !== undefined) {
        const event: JournalEvent = { type: 'step.spawned', step, attempt, process };
        applyEvent(state, event);
        append([event], false).catch(inbox.fail);
      }
    }
    started.end.then((event) => {
      handles.delete(step);
      inbox.put(event);
    }, inbox.fail);
  };

  try {
    let events = [...first, ...inbox.drain()];
    for (;;) {
      for (const event of events) applyEvent(state, event);
      const starts = followUp(state, events, handles);
      if (events.length > 0) await append(events, true);
      if (state.phase === 'finished') return;
      for (const command of starts) begin(command);
      events = await inbox.take();
    }
  } catch (error) {
    for (const handle of handles.values()) handle.kill();
    await Promise.all([...handles.values()].map((handle) => handle.done));
    throw error;
  } finally {
    for (const stop of stopListening) stop();
  }
}

/** Asks the core until it has nothing to add: appends what follows to `events`, stops what is to stop, returns what is to start. */
function followUp(
  state: RunState,
  events: JournalEvent[],
  handles: ReadonlyMap<string, ProcessHandle>,
): readonly Extract<Command, { type: 'start' }>[] {
  const starts: Extract<Command, { type: 'start' }>[] = [];
  const record = (event: JournalEvent): void => {
    applyEvent(state, event);
    events.push(event);
  };
  for (let recorded = -1; recorded !== events.length;) {
    recorded = events.length;
    for (const command of nextCommands(state)) {
      if (command.type === 'stop') handles.get(command.step)?.stop();
      else if (command.type === 'record') record(command.event);
      else {
        record({ type: 'step.started', step: command.step, attempt: command.attempt });
        starts.push(command);
      }
    }
  }
  return starts;
}

interface Inbox {
  put(event: JournalEvent): void;
  has(type: JournalEvent['type']): boolean;
  readonly fail: (error: unknown) => void;
  drain(): JournalEvent[];
  /** Resolves with all that came, as soon as something has; rejects once something failed. */
  take(): Promise<JournalEvent[]>;
}

function createInbox(): Inbox {
  let events: JournalEvent[] = [];
  let failure: { readonly error: unknown } | undefined;
  let wake: (() => void) | undefined;
  const drain = (): JournalEvent[] => {
    const taken = events;
    events = [];
    return taken;
  };
  return {
    put: (event) => {
      events.push(event);
      wake?.();
    },
    has: (type) => events.some((event) => event.type === type),
    fail: (error) => {
      failure ??= { error };
      wake?.();
    },
    drain,
    take: async () => {
      if (events.length === 0 && failure === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      }
      if (failure !== undefined) throw failure.error;
      return drain();
    },
  };
}

/** A listener that throws ends the run with its error; it is not called again. */
function guardListener(listener: OutputListener, fail: (error: unknown) => void): OutputListener {
  let failed = false;
  const onError = (error: unknown): void => {
    failed = true;
    fail(error);
  };
  return (step, stream, chunk) => {
    if (failed) return undefined;
    try {
      // A listener that returns nothing may return anything: its type says void.
      const pending: unknown = listener(step, stream, chunk);
      return pending instanceof Promise ? pending.then(() => undefined, onError) : undefined;
    } catch (error) {
      onError(error);
      return undefined;
    }
  };
}

function listenAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal?.aborted === true) act();
  signal?.addEventListener('abort', act, { once: true });
  return () => signal?.removeEventListener('abort', act);
}
