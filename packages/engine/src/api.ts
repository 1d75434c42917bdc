import type { JsonValue, Plan } from '@sheaf/workflow';
import type { Reason, RerunOrigin, RunError, RunEvent, RunIsolation, RunSource } from './core/events.js';
import type { Workspace, WorkspaceChoice } from './core/workspace-events.js';
import type { EngineTools } from './actions/plugins/project-tools.js';
import type { Decision } from './core/decision.js';
import type { RunRules } from './core/rules.js';
import type { Profile } from './isolation/profile.js';
import type { OutputListener } from './ports.js';
import type { SecretSource } from './secrets/source.js';

/** What a caller may say about a run and about its resumption alike. */
export interface RunControl {
  /** Steps at the same time; default: the number of processors the process may use. */
  readonly maxParallel?: number;
  /** How it is held to what its workflow declares; default: as before, and `permissive` for a new run. */
  readonly profile?: Profile;
  /** What it is held to beside that; default: nothing. */
  readonly rules?: RunRules;
  /** What was decided about it before, for its journal. */
  readonly decisions?: readonly Decision[];
  /** Cancels: TERM to every process group, KILL after the grace period. */
  readonly signal?: AbortSignal;
  /** Cancels without the grace period; for a second Ctrl-C. */
  readonly killSignal?: AbortSignal;
  /** Called with each event once it is in the journal. */
  readonly onEvent?: (event: RunEvent) => void;
  readonly onOutput?: OutputListener;
  /** Actions of the project that the run belongs to; default: none. */
  readonly tools?: EngineTools;
  /** Its workspace stays also when it succeeds; else one stays when it fails or is cancelled. */
  readonly keepWorkspace?: boolean;
}

/** A plan to run. `cwd` and `bundleDir` are absolute; `bundleDir` holds the unpacked, verified bundle. */
export interface RunRequest extends RunControl {
  readonly plan: Plan;
  readonly bundleDir?: string;
  /** The same of the workflows that steps call, by their key in the plan. */
  readonly bundleDirs?: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly source: RunSource;
  /** Default: `inherit`. */
  readonly workspace?: WorkspaceChoice;
  /** Paths of steps to leave out: they count as done, without outputs. */
  readonly skip?: readonly string[];
}

/** `bundleDir` and `bundleDirs` replace the journaled ones, for bundles that were fetched and verified anew. */
export interface ResumeOptions extends RunControl {
  readonly bundleDir?: string;
  readonly bundleDirs?: Readonly<Record<string, string>>;
}

/** What to do again. `bundleDir` and `bundleDirs` as in {@link ResumeOptions}. */
export interface RerunRequest extends RunControl {
  /** Path of a step that is done again with all that rests on it; without one, what is not as it was or was not done. */
  readonly from?: string;
  /** Paths of steps to leave out. */
  readonly skip?: readonly string[];
  /**
   * The plan to run: of a local path the definition as it stands now, of a release the same with other parameters. Without it the
   * plan that the run had.
   */
  readonly plan?: Plan;
  /** Where that plan came from: of a local path only, which something else may be laid over. Without it as before. */
  readonly source?: Extract<RunSource, { readonly kind: 'local' }>;
  readonly bundleDir?: string;
  readonly bundleDirs?: Readonly<Record<string, string>>;
}

/** How a run that somebody wanted to end has ended. */
export interface CancelResult {
  readonly runId: string;
  /** What it was found as; `ended`: it needed no cancelling. */
  readonly was: 'running' | 'interrupted' | 'ended';
  /** `succeeded` or `failed` when it came to its end before the request. */
  readonly status: RunStatus;
  /** Steps that ran when it was asked. */
  readonly stopped: readonly string[];
}

/** A shell to look around with. */
export interface ShellRequest {
  /** Absolute. */
  readonly shell: string;
  /** Path of a step whose environment it has; default: the one that made the run fail, else the first that began. */
  readonly step?: string;
  /** With the secrets that the step was given; default: without. */
  readonly withSecrets?: boolean;
}

/** How a shell is started where a run works. */
export interface StepShell {
  readonly step: string;
  readonly cwd: string;
  /** What the shell finds in its environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** Names of the secrets that it does not have. */
  readonly withheld: readonly string[];
  readonly profile: Profile;
  readonly sandbox: 'bwrap' | 'none';
  /** The process: what it gets from descriptor 3 on, each to be written and closed. */
  readonly start: {
    readonly file: string;
    readonly args: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly inputs: readonly Uint8Array[];
  };
}

/** `patienceMs`: how long the owner of a run may take, default 60,000. */
export interface CancelOptions {
  /** KILL at once instead of TERM first. */
  readonly kill?: boolean;
  readonly signal?: AbortSignal;
  readonly patienceMs?: number;
}

export type RunStatus = 'succeeded' | 'failed' | 'cancelled';

/**
 * One step as it stands. `attempts` is 0 for one that never started; `interrupted` is one that ran when its engine died; `waiting`
 * is one that waits for a time, an event, or its next attempt.
 */
export interface StepResult {
  readonly status:
    'pending' | 'running' | 'waiting' | 'interrupted' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';
  readonly exitCode?: number;
  readonly attempts: number;
  readonly durationMs?: number;
  readonly reason?: Reason;
  /** The earlier run whose result stands for this step: it was not run again. */
  readonly reusedFrom?: string;
  /** Of one that may be cached: whether what an earlier run did stood for its last attempt, and why. */
  readonly cache?: CacheResult;
}

/** `changed`: of a miss, each thing that is not as it was the last time, at most 50; missing when it is none of them. */
export interface CacheResult {
  readonly result: 'hit' | 'miss';
  readonly why: string;
  readonly changed?: readonly string[];
}

export interface RunResult {
  readonly runId: string;
  readonly status: RunStatus;
  /** Empty unless the run succeeded. */
  readonly outputs: Readonly<Record<string, JsonValue>>;
  /** By path, in the plan's order; what a block, loop or sub-workflow opened stands behind it. */
  readonly steps: Readonly<Record<string, StepResult>>;
  readonly reason?: Reason;
  /** What failed first, where a step did. */
  readonly error?: RunError;
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

/** What was decided about a run, with its place in the journal. */
export type DecisionEvent = Extract<RunEvent, { readonly type: 'policy.decided' }>;

export interface RunDetails extends RunSummary {
  readonly plan: Plan;
  readonly planDigest: string;
  /** The folder that it was started in. */
  readonly cwd: string;
  /** The folder that its steps work in; another one where it has a workspace or had one. */
  readonly workDir: string;
  /** Unset where it has none, or not any more. */
  readonly workspace?: Workspace;
  /** Unset where steps work where the run was started. */
  readonly workspaceKind?: Exclude<WorkspaceChoice['kind'], 'inherit'>;
  readonly bundleDir?: string;
  /** Of the workflows that steps call, by their key in the plan. */
  readonly bundleDirs: Readonly<Record<string, string>>;
  /** As it was started, or gone on with last. */
  readonly isolation: RunIsolation;
  readonly decisions: readonly DecisionEvent[];
  readonly outputs: Readonly<Record<string, JsonValue>>;
  readonly steps: Readonly<Record<string, StepResult>>;
  readonly reason?: Reason;
  readonly error?: RunError;
  readonly rerunOf?: RerunOrigin;
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

/** An artifact of a run, and where it is. */
export interface Artifact {
  readonly name: string;
  /** Relative to the workspace that it was made in. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Milliseconds since the epoch; unset: as long as the run. */
  readonly expiresAt?: number;
  /** The copy that was kept. */
  readonly file: string;
}

/** A workspace that is there. Times are milliseconds since the epoch. */
export interface KeptWorkspace extends Workspace {
  /** The run that has it now. */
  readonly runId: string;
  /** The step that it was made for, if for one alone. */
  readonly step?: string;
  /** What is removed with it. */
  readonly folder: string;
  readonly created: number;
  /** A killed process left it, and nothing can be gone on with in it. */
  readonly isLeftover: boolean;
}

/** What is remembered of runs on this machine. */
export interface RunRecords {
  /**
   * Sends an event to a run, whichever process drives it: the steps that wait for one from `source` look at it, or those that will.
   * A run that is interrupted gets it when it is gone on with. Throws EngineError `run.not_found`, `run.ended`, `event.invalid`.
   */
  sendEvent(runId: string, source: string, data: JsonValue): void;
  listRuns(filter?: RunFilter): readonly RunSummary[];
  /** Ids of runs that begin with a text, at most 10 of them. */
  findRunIds(prefix: string): readonly string[];
  /** Throws EngineError `run.not_found`. */
  getRun(runId: string): RunDetails;
  /** A run without its steps, for which no journal is read. Throws EngineError `run.not_found`. */
  getSummary(runId: string): RunSummary;
  /** Every event of a run, in order. Throws EngineError `run.not_found`. */
  readEvents(runId: string): readonly RunEvent[];
  /** Logs of a run's steps in the plan's order; a step that wrote nothing is absent. `maxBytes` of each, default 1 MiB. */
  readLog(
    runId: string,
    step?: string,
    options?: { readonly maxBytes?: number },
  ): Promise<readonly StepLog[]>;
  /** What the log of a step holds from a place on, at most so many bytes: how to follow one. Empty when there is nothing yet. */
  readLogFrom(runId: string, step: string, offset: number, maxBytes: number): Promise<Uint8Array>;
  /** Paths of the steps that have written something so far. Throws EngineError `run.not_found`. */
  listLogs(runId: string): Promise<readonly string[]>;
  /** What a run has kept of the files that its workflow declares. Throws EngineError `run.not_found`. */
  listArtifacts(runId: string): readonly Artifact[];
  /** Folders that were made for runs and are there. */
  listWorkspaces(): Promise<readonly KeptWorkspace[]>;
  /** Removes one of a run that nobody goes on with. Throws EngineError `run.active`, `run.not_found`, `workspace.failed`. */
  removeWorkspace(workspace: KeptWorkspace): Promise<void>;
  /** Removes those that killed processes have left; gives their folders. */
  sweepWorkspaces(): Promise<readonly string[]>;
  /** The folder of a run's logs, whether or not it is there. */
  logDir(runId: string): string;
  /** Does something to a run that nobody may go on with meanwhile. Throws EngineError `run.not_found`, `run.active`. */
  whileIdle<T>(runId: string, act: () => Promise<T>): Promise<T>;
  close(): void;
}

/** Runs workflows on this machine and remembers them. */
export interface Engine extends RunRecords {
  /** Throws EngineError before anything runs; a run that began always gives a result, unless the store fails. */
  run(request: RunRequest): Promise<RunResult>;
  /** Goes on with a run that was cancelled or whose engine died; gives the result of one that ended by itself. */
  resume(runId: string, options?: ResumeOptions): Promise<RunResult>;
  /**
   * Runs again, as a new run, from a step on: what an earlier run finished stands where neither the step nor anything that it
   * rests on was changed. An earlier run that was interrupted is cancelled by this. Throws EngineError `run.not_found`,
   * `run.active`, `step.not_found`, `plan.invalid`.
   */
  rerun(runId: string, request: RerunRequest): Promise<RunResult>;
  /**
   * Cancels a run, also one that another process drives, and waits until it has ended. Throws EngineError `run.not_found`,
   * `run.not_stopped`.
   */
  cancel(runId: string, options?: CancelOptions): Promise<CancelResult>;
  /**
   * How a shell is started where a run works, with the environment of a step and under the profile of the run. Throws EngineError
   * `run.not_found`, `run.folder_missing`, `step.not_found`, `isolation.unavailable`.
   */
  shell(runId: string, request: ShellRequest): Promise<StepShell>;
}

export interface EngineOptions {
  /** Absolute; made with mode 0700 when it does not exist. */
  readonly stateDir: string;
  /** What steps inherit a few variables from; default: this process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Where secrets come from; default: there are none. */
  readonly secrets?: SecretSource;
  /** Between TERM and KILL; default 5,000 ms. */
  readonly graceMs?: number;
}
