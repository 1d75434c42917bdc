import type { JournalEvent, ProcessIdentity, RunEvent } from './core/events.js';
import type { Confine } from './isolation/confine.js';
import type { Redactor } from './redaction/redactor.js';

export type { ProcessIdentity } from './core/events.js';

/** The time, for timestamps only: nothing the core decides depends on it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The time, and being called when some of it has passed. */
export interface Time extends Clock {
  /** What it returns takes the call back. */
  after(delayMs: number, act: () => void): () => void;
}

/** Names of new runs: 1 to 64 of `[a-z0-9]`, never the same twice. */
export interface Ids {
  newRunId(): string;
}

/** The journal of one run that this process owns. */
export interface Journal {
  /**
   * Appends in order. When it resolves the events survive the death of this process; with `durable` they also survive the
   * machine's. Appends of one tick, of whatever runs, are one transaction: all are kept or none. Without `durable` one may wait a few
   * milliseconds for the next.
   */
  append(
    events: readonly JournalEvent[],
    options: { readonly durable: boolean },
  ): Promise<readonly RunEvent[]>;
}

export type OutputStream = 'stdout' | 'stderr';

/** Takes output as it comes. While a returned promise is pending the stream it came from is not read on. */
export type OutputListener = (step: string, stream: OutputStream, chunk: Uint8Array) => void | Promise<void>;

/** One process to run. Paths are absolute. */
export interface ProcessSpec {
  readonly runId: string;
  readonly step: string;
  readonly attempt: number;
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is inherited. The runner adds `SHEAF_OUTPUT`. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** What it reads; without it nothing. */
  readonly stdin?: string;
  /** Its standard input stays open, for `ProcessHandle.input`. */
  readonly keepStdin?: true;
  /** Gets standard output in place of the log and the listener. */
  readonly onStdout?: (chunk: Uint8Array) => void;
  /** Gets standard error as well. */
  readonly onStderr?: (chunk: Uint8Array) => void;
  /** It is one of several that a step runs: it has no `$SHEAF_OUTPUT`. */
  readonly isPart?: true;
  /** Without it the process may do what the user may. */
  readonly confine?: Confine;
  /** Processes and threads of what is confined; default: `MAX_TASKS`. */
  readonly maxTasks?: number;
  /** Hides secrets in the log and from the listener; nothing else that is handed on. */
  readonly redactor?: Redactor;
}

/** How a process ended. Times are milliseconds, sizes bytes. */
export interface ProcessOutcome {
  /** Unset when a signal ended it or it never began. */
  readonly exitCode?: number;
  readonly signal?: string;
  /** Set when it never began: why, in one line. */
  readonly spawnError?: string;
  /**
   * The engine stopped it: by its timeout, because `stop` or `kill` was called before it ended, or because it began more processes than a
   * sandbox may have.
   */
  readonly stopped?: 'timeout' | 'request' | 'processes';
  /** How often a secret was hidden in its output. */
  readonly redactions?: number;
  /** Standard output as UTF-8, or undefined when it was larger than `LIMITS.stdoutBytes`. */
  readonly stdout?: string;
  /** What the process left in `$SHEAF_OUTPUT`: absent, its bytes, or why they cannot be had. */
  readonly output?: Uint8Array | 'too_large' | 'not_a_file';
  /** The log lacks the end of what was written: it was full, or could not be written. */
  readonly logTruncated?: true;
  readonly durationMs: number;
}

/** The standard input of a process. One that has ended takes nothing, and says nothing of it. */
export interface ProcessInput {
  write(text: string): void;
  end(): void;
}

/** A process that was started. */
export interface ProcessHandle {
  /** Set where it was to stay open. */
  readonly input?: ProcessInput;
  /** Undefined when it never began. */
  readonly identity: ProcessIdentity | undefined;
  /** Resolves once, never rejects, when the process and all of its group are gone and its output was delivered. */
  readonly done: Promise<ProcessOutcome>;
  /** Asks the whole group to end (TERM) and ends it (KILL) after the grace period. Again: no effect. */
  stop(): void;
  /** Ends the whole group at once (KILL). */
  kill(): void;
}

/** Runs processes of steps, each as its own process group. */
export interface ProcessRunner {
  start(spec: ProcessSpec, onOutput: OutputListener | undefined): ProcessHandle;
  /**
   * Ends what an attempt of an earlier, dead engine process left running, and resolves when it is gone. A process that merely
   * has the same pid is never touched. Throws EngineError `process.stuck` when something survives even KILL.
   */
  reap(leftover: {
    readonly runId: string;
    readonly step: string;
    readonly process: ProcessIdentity | undefined;
  }): Promise<void>;
}
