import type { JsonValue, Plan } from '@sheaf/workflow';
import type { Reason, RunEvent, RunSource } from './core/events.js';
import type { OutputListener } from './ports.js';

/** What a caller may say about a run and about its resumption alike. */
export interface RunControl {
  /** Steps at the same time; default: the number of processors the process may use. */
  readonly maxParallel?: number;
  /** Cancels: TERM to every process group, KILL after the grace period. */
  readonly signal?: AbortSignal;
  /** Cancels without the grace period; for a second Ctrl-C. */
  readonly killSignal?: AbortSignal;
  /** Called with each event once it is in the journal. */
  readonly onEvent?: (event: RunEvent) => void;
  readonly onOutput?: OutputListener;
}

/** A plan to run. `cwd` and `bundleDir` are absolute; `bundleDir` holds the unpacked, verified bundle. */
export interface RunRequest extends RunControl {
  readonly plan: Plan;
  readonly bundleDir?: string;
  readonly cwd: string;
  readonly source: RunSource;
}

/** `bundleDir` replaces the journaled one, for a bundle that was fetched and verified anew. */
export interface ResumeOptions extends RunControl {
  readonly bundleDir?: string;
}

export type RunStatus = 'succeeded' | 'failed' | 'cancelled';

/**
 * One step as it stands. `attempts` is 0 for one that never started; `interrupted` is one that ran when its engine died.
 */
export interface StepResult {
  readonly status: 'pending' | 'running' | 'interrupted' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';
  readonly exitCode?: number;
  readonly attempts: number;
  readonly durationMs?: number;
  readonly reason?: Reason;
}

export interface RunResult {
  readonly runId: string;
  readonly status: RunStatus;
  /** Empty unless the run succeeded. */
  readonly outputs: Readonly<Record<string, JsonValue>>;
  /** In the plan's order. */
  readonly steps: Readonly<Record<string, StepResult>>;
  readonly reason?: Reason;
}

/** One line of a listing. Times are milliseconds since the epoch. `interrupted`: its engine died; `resume` goes on. */
export interface RunSummary {
  readonly runId: string;
  readonly workflow: string;
  readonly version: string;
  readonly status: RunStatus | 'running' | 'interrupted';
  readonly startedAt: number;
  readonly finishedAt?: number;
  readonly source: RunSource;
}

export interface RunDetails extends RunSummary {
  readonly plan: Plan;
  readonly planDigest: string;
  readonly cwd: string;
  readonly bundleDir?: string;
  readonly outputs: Readonly<Record<string, JsonValue>>;
  readonly steps: Readonly<Record<string, StepResult>>;
  readonly reason?: Reason;
}

/** `limit` defaults to 100, newest first. */
export interface RunFilter {
  readonly status?: RunSummary['status'];
  readonly workflow?: string;
  readonly limit?: number;
}

/** The end of a step's log: what the step wrote, unfiltered, so not to be printed raw. `truncated`: the log has more before it. */
export interface StepLog {
  readonly step: string;
  readonly bytes: Uint8Array;
  readonly sizeBytes: number;
  readonly truncated: boolean;
}

/** Runs workflows on this machine and remembers them. */
export interface Engine {
  /** Throws EngineError before anything runs; a run that began always gives a result, unless the store fails. */
  run(request: RunRequest): Promise<RunResult>;
  /** Goes on with a run that was cancelled or whose engine died; gives the result of one that ended by itself. */
  resume(runId: string, options?: ResumeOptions): Promise<RunResult>;
  listRuns(filter?: RunFilter): readonly RunSummary[];
  /** Throws EngineError `run.not_found`. */
  getRun(runId: string): RunDetails;
  /** Every event of a run, in order. Throws EngineError `run.not_found`. */
  readEvents(runId: string): readonly RunEvent[];
  /** Logs of a run's steps in the plan's order; a step that wrote nothing is absent. `maxBytes` of each, default 1 MiB. */
  readLog(
    runId: string,
    step?: string,
    options?: { readonly maxBytes?: number },
  ): Promise<readonly StepLog[]>;
  close(): void;
}

export interface EngineOptions {
  /** Absolute; made with mode 0700 when it does not exist. */
  readonly stateDir: string;
  /** What steps inherit a few variables from; default: this process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Between TERM and KILL; default 5,000 ms. */
  readonly graceMs?: number;
}
