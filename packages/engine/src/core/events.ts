import type { JsonValue, Plan } from '@sheaf/workflow';

/** Where a run's plan came from. */
export type RunSource =
  | {
      readonly kind: 'registry';
      readonly id: string;
      readonly version: string;
      readonly digest: string;
      readonly signer: string;
      /** Address of the registry, to fetch it from once more. */
      readonly registry?: string;
    }
  | { readonly kind: 'local'; readonly path: string };

/** The run that another one goes back to, and the step that is done again with all that follows from it. */
export interface RerunOrigin {
  readonly runId: string;
  readonly from: string;
}

/** Why a step or a run did not succeed: a stable dotted code and one line for people. */
export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
  readonly hint?: string;
}

/**
 * Codes of {@link Reason}. `step.exit`: the shell ended with another code than 0. `step.signal`: something outside the engine
 * killed it. `step.when`: its condition was false. `step.need_failed`: a step it needs failed. `step.interrupted`: the engine
 * was killed while it ran. `run.failed`: a step failed whose failure counts. The rest say themselves what they are.
 */
export type ReasonCode =
  | 'step.exit'
  | 'step.signal'
  | 'step.timeout'
  | 'step.when'
  | 'step.need_failed'
  | 'step.interrupted'
  | 'step.cancelled'
  | 'step.spawn'
  | 'step.environment'
  | 'output.invalid'
  | 'output.too_large'
  | 'expression.failed'
  | 'run.failed'
  | 'run.cancelled';

/** What makes one process distinct for ever: pids are reused, a pid with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; compared by the adapter that made it. */
  readonly start: string;
}

/** What a run's journal records. State is a fold of these and of nothing else. */
export type JournalEvent =
  | {
      readonly type: 'run.started';
      readonly plan: Plan;
      /** `sha256:<hex>` of the plan's JSON text as it stands in this event. */
      readonly planDigest: string;
      readonly source: RunSource;
      readonly cwd: string;
      readonly bundleDir?: string;
      readonly maxParallel: number;
      readonly rerunOf?: RerunOrigin;
    }
  | { readonly type: 'run.resumed'; readonly maxParallel: number; readonly bundleDir?: string }
  | { readonly type: 'run.cancelling' }
  | {
      readonly type: 'run.finished';
      readonly status: 'succeeded' | 'failed' | 'cancelled';
      readonly outputs: Readonly<Record<string, JsonValue>>;
      readonly reason?: Reason;
    }
  | { readonly type: 'step.started'; readonly step: string; readonly attempt: number }
  | {
      readonly type: 'step.spawned';
      readonly step: string;
      readonly attempt: number;
      readonly process: ProcessIdentity;
    }
  | ({ readonly type: 'step.finished'; readonly step: string; readonly attempt: number } & StepOutcome)
  | ({
      /** Not run: what it did in an earlier run stands for it. */
      readonly type: 'step.reused';
      readonly step: string;
      /** The run in which it was done. */
      readonly from: string;
      /** Attempts that it took there. */
      readonly attempt: number;
    } & StepOutcome)
  | { readonly type: 'step.skipped'; readonly step: string; readonly reason: Reason }
  | {
      readonly type: 'step.interrupted';
      readonly step: string;
      readonly attempt: number;
      readonly reason: Reason;
    };

/** How an attempt at a step ended by itself. */
export interface StepOutcome {
  readonly status: 'succeeded' | 'failed';
  readonly exitCode?: number;
  readonly outputs: Readonly<Record<string, JsonValue>>;
  /** Standard output was over the limit of an output, so `outputs.stdout` is absent. The log has it. */
  readonly stdoutDropped?: true;
  /** The log lacks the end of what the step wrote. */
  readonly logTruncated?: true;
  readonly durationMs: number;
  readonly reason?: Reason;
}

/** An event with its place in the journal. `at` is milliseconds since the epoch, `seq` counts from 0 within the run. */
export type RunEvent = JournalEvent & { readonly runId: string; readonly seq: number; readonly at: number };
