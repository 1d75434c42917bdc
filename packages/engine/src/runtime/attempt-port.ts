import type { Shells } from '../actions/shell.js';
import type { StartCommand } from '../core/command.js';
import type { JournalEvent, Reason, StepOutcome } from '../core/events.js';
import type { RunState } from '../core/run-state.js';
import type { Protection } from '../isolation/protection.js';
import type { OutputListener, ProcessRunner, Time } from '../ports.js';
import type { ActionPort } from './action-port.js';
import type { Leases } from './lease.js';
import type { StepCache } from './step-cache.js';

/** How an attempt ended: by itself, or because it was told to. `retryable` defaults to true. */
export type AttemptEnd =
  { readonly outcome: StepOutcome; readonly retryable?: boolean } | { readonly interrupted: Reason };

export const STOPPED: AttemptEnd = {
  interrupted: { code: 'step.cancelled', message: 'it was stopped with the run' },
};

/** An attempt that was begun. */
export interface Attempt {
  /** Asks what it runs to end, and ends it after the grace period. Again: no effect. */
  readonly stop: () => void;
  readonly kill: () => void;
  /** Rejects only when the engine itself fails. */
  readonly end: Promise<AttemptEnd>;
}

/** What the driver gives to an attempt. */
export interface AttemptHooks {
  /** When the journal says that it started. */
  readonly now: number;
  readonly onOutput: OutputListener | undefined;
  /** Journals a fact of the attempt that may be lost in a crash of the machine. */
  readonly note: (event: JournalEvent) => void;
}

export type StartAttempt = (command: StartCommand, hooks: AttemptHooks) => Attempt;

/** What all attempts of a run have in common. */
export interface AttemptContext {
  readonly runner: ProcessRunner;
  readonly state: RunState;
  readonly runId: string;
  readonly cwd: string;
  /** Folders of the unpacked bundles: of the plan itself by the empty text, of what it calls by its key there. */
  readonly bundleDirs: ReadonlyMap<string, string>;
  readonly inherited: Readonly<Record<string, string>>;
  readonly shells: Shells;
  readonly actions: ActionPort;
  /** Unset where nothing is kept. */
  readonly cache?: StepCache;
  readonly protection: Protection;
  /** Unset where attempts begin whatever they take of the machine. */
  readonly leases?: Leases;
  readonly runDir: (runId: string) => string;
  readonly time: Time;
  readonly graceMs: number;
}
