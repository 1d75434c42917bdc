import type { JsonValue, Plan } from '@sheaf/workflow';
import type { ActionReasonCode } from '../actions/codes.js';
import type { Profile } from '../isolation/profile.js';
import type { WorkspaceChoice, WorkspaceEvent } from './workspace-events.js';
import type { Decision } from './decision.js';
import type { RunRules } from './rules.js';

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
  | {
      readonly kind: 'local';
      /** The folder of the definition, absolute. */
      readonly path: string;
      /** Name of the definition in it, where that is not the usual one. */
      readonly definition?: string;
      readonly overlays?: LaidOver;
    };

/** What was laid over a definition, so that a rerun lays it over again: files first, then settings. */
export interface LaidOver {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Each `KEY=VALUE`. */
  readonly settings: readonly string[];
}

/** The run that another one goes back to, and the step that is done again with all that follows from it. */
export interface RerunOrigin {
  readonly runId: string;
  /** Unset when all is done again that is not as it was. */
  readonly from?: string;
  /** What was not taken over of the steps that were looked at, and why. */
  readonly redone?: readonly Redone[];
}

/**
 * A step that a rerun does again. `asked`: the rerun was from it. `needs`: it rests on one that is done again. `definition`: it is
 * written otherwise. `calls`: the workflow that it calls is another one. `parameters`: it may read one that has another value.
 * `new`: the earlier run had no such step. `unfinished`: it did not come to its end. `inside`: a step in it is done again.
 */
export interface Redone {
  readonly step: string;
  readonly because:
    'asked' | 'needs' | 'definition' | 'calls' | 'parameters' | 'new' | 'unfinished' | 'inside';
  /** One line, for people. */
  readonly message: string;
}

/** How a run is held to what its workflow declares. `sandbox`: what its processes run in. */
export interface RunIsolation {
  readonly profile: Profile;
  readonly sandbox: 'bwrap' | 'none';
}

/** Why a step or a run did not succeed: a stable dotted code and one line for people. */
export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
  readonly hint?: string;
}

/**
 * Codes of {@link Reason}. `workspace.failed`: the folder for a step could not be made. `step.exit`: the shell ended with another code than 0. `step.signal`: something outside the engine
 * killed it. `step.processes`: it began too many. `step.when`: its condition was false. `step.need_failed`: a step it needs failed. `step.inner_failed`: a step in it
 * failed. `step.interrupted`: the engine was killed while it ran. `step.not_asked`: who started the run wanted it left out.
 * `run.failed`: a step failed whose failure counts. The rest say themselves what they are; an action adds its own.
 */
export type ReasonCode =
  | 'step.exit'
  | 'step.signal'
  | 'step.timeout'
  | 'step.when'
  | 'step.need_failed'
  | 'step.inner_failed'
  | 'step.interrupted'
  | 'step.cancelled'
  | 'step.not_asked'
  | 'step.spawn'
  | 'step.environment'
  | 'step.processes'
  | 'step.too_large'
  | 'workspace.failed'
  | 'parameter.invalid'
  | 'event.missed'
  | 'artifact.missing'
  | 'output.invalid'
  | 'output.too_large'
  | 'expression.failed'
  | 'run.failed'
  | 'run.cancelled'
  | ActionReasonCode;

/** What makes one process distinct for ever: pids are reused, a pid with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; compared by the adapter that made it. */
  readonly start: string;
}

/** What made a run fail first, as its `catch` steps see it. `step` is empty when it was no step. */
export interface RunError {
  readonly step: string;
  readonly code: string;
  readonly message: string;
}

/** What a run's journal records. State is a fold of these and of nothing else. `step` is everywhere the path of a step. */
export type JournalEvent = RunLevelEvent | WorkspaceEvent | StepEvent;

type RunLevelEvent =
  | {
      readonly type: 'run.started';
      readonly plan: Plan;
      /** `sha256:<hex>` of the plan's JSON text as it stands in this event. */
      readonly planDigest: string;
      readonly source: RunSource;
      readonly cwd: string;
      readonly bundleDir?: string;
      /** Of the workflows that steps call, by their key in the plan. */
      readonly bundleDirs?: Readonly<Record<string, string>>;
      readonly maxParallel: number;
      readonly isolation: RunIsolation;
      /** Unset: steps work in `cwd`. */
      readonly workspace?: Exclude<WorkspaceChoice, { readonly kind: 'inherit' }>;
      readonly rules?: RunRules;
      readonly rerunOf?: RerunOrigin;
      /** Paths of steps to leave out. */
      readonly skip?: readonly string[];
    }
  | {
      readonly type: 'run.resumed';
      readonly maxParallel: number;
      readonly isolation: RunIsolation;
      readonly rules?: RunRules;
      readonly bundleDir?: string;
      readonly bundleDirs?: Readonly<Record<string, string>>;
    }
  /** Of the run, or of an attempt at a step. Nothing follows from it. */
  | ({
      readonly type: 'policy.decided';
      readonly step?: string;
      readonly attempt?: number;
    } & Decision)
  | { readonly type: 'run.cancelling' }
  /** A step failed whose failure counts, nothing else runs, and the steps of `catch` begin. */
  | { readonly type: 'run.catching'; readonly error: RunError }
  | {
      readonly type: 'run.finished';
      readonly status: 'succeeded' | 'failed' | 'cancelled';
      readonly outputs: Readonly<Record<string, JsonValue>>;
      readonly reason?: Reason;
    }
  /** A file that the workflow declares was copied, for as long as it says. `path` is relative to the workspace. */
  | {
      readonly type: 'artifact.kept';
      readonly name: string;
      readonly path: string;
      readonly sizeBytes: number;
      /** In hexadecimal digits. */
      readonly sha256: string;
      /** Milliseconds since the epoch. */
      readonly until?: number;
    }
  /** It was not there, or could not be kept. */
  | { readonly type: 'artifact.missing'; readonly name: string; readonly reason: Reason }
  /** Somebody sent an event to the run. */
  | {
      readonly type: 'event.received';
      readonly event: string;
      readonly eventSource: string;
      readonly data: JsonValue;
    };

/** Events of one step. */
export type StepEvent =
  /** A block, loop or sub-workflow began: the steps in it may start. */
  | {
      readonly type: 'step.opened';
      readonly step: string;
      readonly attempt: number;
      /** Of a loop. */
      readonly items?: readonly JsonValue[];
      /** Of a sub-workflow: its parameters. */
      readonly parameters?: Readonly<Record<string, JsonValue>>;
      /** When its timeout ends, milliseconds since the epoch. */
      readonly until?: number;
    }
  /** A step of a sub-workflow failed whose failure counts, and the steps of its `catch` begin. */
  | {
      readonly type: 'step.catching';
      readonly step: string;
      readonly attempt: number;
      readonly error: RunError;
    }
  | { readonly type: 'step.started'; readonly step: string; readonly attempt: number }
  | {
      readonly type: 'step.spawned';
      readonly step: string;
      readonly attempt: number;
      readonly process: ProcessIdentity;
    }
  /** A folder was made for this attempt alone, or is gone. */
  | {
      readonly type: 'step.workspace';
      readonly step: string;
      readonly attempt: number;
      readonly change: 'created' | 'removed';
      readonly path: string;
      /** The commit that it was made of. */
      readonly head?: string;
    }
  /** Nothing runs until a time has come, or an event. */
  | {
      readonly type: 'step.waiting';
      readonly step: string;
      readonly attempt: number;
      readonly for: 'time' | 'event' | 'retry';
      /** Of an event: where it comes from. */
      readonly eventSource?: string;
      /** Milliseconds since the epoch; of an event, until when it may come. */
      readonly until?: number;
    }
  /** The time has come: of a wait or a delay, or the end of what was given to a block, a loop or an event. */
  | { readonly type: 'step.woke'; readonly step: string; readonly attempt: number }
  /** An event came that is not the one the step waits for. */
  | {
      readonly type: 'step.passed';
      readonly step: string;
      readonly event: string;
      readonly reason?: Reason;
    }
  /** The attempt is given a secret. */
  | {
      readonly type: 'step.secret';
      readonly step: string;
      readonly attempt: number;
      readonly name: string;
      /** Where it was: `keyring`, `vault`, … */
      readonly from: string;
    }
  /** Whether what an earlier run did stands for this attempt, and why. */
  | {
      readonly type: 'step.cache';
      readonly step: string;
      readonly attempt: number;
      readonly result: 'hit' | 'miss';
      readonly key: string;
      readonly why: string;
      /** Of a miss: each thing that is not as it was the last time, at most 50. */
      readonly changed?: readonly string[];
    }
  /** An attempt failed and another follows. */
  | ({ readonly type: 'step.retrying'; readonly step: string; readonly attempt: number } & StepOutcome)
  | ({
      readonly type: 'step.finished';
      readonly step: string;
      /** 0: it never started, an expression failed. */
      readonly attempt: number;
      /** The event that it waited for. */
      readonly event?: string;
    } & StepOutcome)
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
  /** Of a block or loop none: they are those of the steps in it. */
  readonly outputs: Readonly<Record<string, JsonValue>>;
  /** Standard output was over the limit of an output, so `outputs.stdout` is absent. The log has it. */
  readonly stdoutDropped?: true;
  /** The log lacks the end of what the step wrote. */
  readonly logTruncated?: true;
  /** How often a secret was hidden in what it wrote. */
  readonly redactions?: number;
  readonly durationMs: number;
  readonly reason?: Reason;
}

/** An event with its place in the journal. `at` is milliseconds since the epoch, `seq` counts from 0 within the run. */
export type RunEvent = JournalEvent & { readonly runId: string; readonly seq: number; readonly at: number };
