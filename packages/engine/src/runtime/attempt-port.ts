import type { Shells } from '../actions/shell.js';
import type { StartCommand } from '../core/command.js';
import type { JournalEvent, Reason, StepOutcome } from '../core/events.js';
import type { RunState } from '../core/run-state.js';
import type { Protection } from '../isolation/protection.js';
import type { OutputListener, ProcessIdentity, ProcessRunner, Time } from '../ports.js';
import type { LeaseStore, Share } from '../stores/sqlite/lease-store.js';
import type { StepCacheStore } from '../stores/sqlite/step-cache-store.js';
import type { ActionPort } from './action-port.js';
import type { Keeper } from './kept.js';

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
  readonly keeper: Keeper;
  /** Unset where nothing is kept. */
  readonly cache?: StepCache;
  readonly protection: Protection;
  /** Unset where attempts begin whatever they take of the machine. */
  readonly leases?: Leases;
  readonly runDir: (runId: string) => string;
  readonly time: Time;
  readonly graceMs: number;
  /** For steps that have a workspace each. Unset: none has. */
  readonly ephemeral?: EphemeralWorkspaces;
}

/** Makes a workspace for one attempt. */
export type EphemeralWorkspaces = (attempt: {
  readonly step: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
}) => Promise<EphemeralWorkspace>;

export interface EphemeralWorkspace {
  readonly path: string;
  readonly cwd: string;
  readonly head: string | undefined;
  /** False when it stays. */
  readonly remove: () => Promise<boolean>;
}

/** Where what steps did is kept, and the log of another run given to this one. */
export interface StepCache {
  readonly store: StepCacheStore;
  /** Holds the files of each entry, in a folder of its key. */
  readonly folder: string;
  readonly keepLog: (from: string, to: string, step: string) => void;
  /** A variable of who started the run. */
  readonly findVariable: (name: string) => string | undefined;
}

/** The shares that attempts take of the machine. */
export interface Leases {
  readonly store: LeaseStore;
  readonly owner: ProcessIdentity;
  readonly isAlive: (owner: ProcessIdentity) => boolean;
  /** What the machine has. */
  readonly whole: Share;
}
