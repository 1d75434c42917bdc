import { shellOutcome, shellProcess, type Shells } from '../actions/shell.js';
import type { StartCommand } from '../core/command.js';
import type { JournalEvent, Reason, StepOutcome } from '../core/events.js';
import type { RunState } from '../core/run-state.js';
import type { StepState } from '../core/scope.js';
import type { OutputListener, ProcessRunner } from '../ports.js';
import { stepEnvironment } from './environment.js';
import { runAction, type ActionRuntime } from './run-action.js';

/** How an attempt ended: by itself, or because it was told to. `retryable` defaults to true. */
export type AttemptEnd =
  { readonly outcome: StepOutcome; readonly retryable?: boolean } | { readonly interrupted: Reason };

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
export interface AttemptContext extends ActionRuntime {
  readonly runner: ProcessRunner;
  readonly state: RunState;
  readonly runId: string;
  readonly cwd: string;
  /** Folders of the unpacked bundles: of the plan itself by the empty text, of what it calls by its key there. */
  readonly bundleDirs: ReadonlyMap<string, string>;
  readonly inherited: Readonly<Record<string, string>>;
  readonly shells: Shells;
}

export const STOPPED: AttemptEnd = {
  interrupted: { code: 'step.cancelled', message: 'it was stopped with the run' },
};

/** Makes the function that begins attempts of this run's steps. */
export function attemptStarter(context: AttemptContext): StartAttempt {
  return (command, hooks) => {
    const entry = context.state.steps.get(command.step);
    if (entry === undefined) throw new TypeError(`no step ${command.step}`);
    const { kind } = entry.step.work;
    if (kind === 'shell') return startShell(context, entry, command, hooks);
    return runAction(context, entry, { command, hooks, env: environmentOf(context, entry, command) });
  };
}

function startShell(
  context: AttemptContext,
  entry: StepState,
  command: StartCommand,
  { onOutput, note }: AttemptHooks,
): Attempt {
  const { step, attempt } = command;
  const environment = environmentOf(context, entry, command);
  const spec = shellProcess({ ...context, step: entry.step, path: step, attempt, environment });
  if ('problem' in spec) {
    const outcome = { status: 'failed', outputs: {}, durationMs: 0, reason: spec.problem } as const;
    return { stop: ignore, kill: ignore, end: Promise.resolve({ outcome, retryable: false }) };
  }
  const handle = context.runner.start(spec, onOutput);
  const process = handle.identity;
  if (process !== undefined) note({ type: 'step.spawned', step, attempt, process });
  const end = handle.done.then((ended): AttemptEnd =>
    ended.stopped === 'request' ? STOPPED : { outcome: shellOutcome(entry.step, ended) },
  );
  return {
    stop: () => {
      handle.stop();
    },
    kill: () => {
      handle.kill();
    },
    end,
  };
}

function environmentOf(
  context: AttemptContext,
  entry: StepState,
  { step, attempt, env, inputs }: StartCommand,
): Readonly<Record<string, string>> {
  const bundleDir = context.bundleDirs.get(entry.scope.workflow ?? '');
  const { error } = entry.names.variables;
  return stepEnvironment({
    inherited: context.inherited,
    parameters: entry.names.parameters,
    env,
    inputs: entry.step.work.kind === 'shell' ? inputs : {},
    runId: context.runId,
    step,
    attempt,
    cwd: context.cwd,
    ...(bundleDir === undefined ? {} : { bundleDir }),
    ...(isError(error) ? { failedStep: error.step } : {}),
  });
}

function isError(value: unknown): value is { readonly step: string } {
  return typeof value === 'object' && value !== null && 'step' in value && typeof value.step === 'string';
}

function ignore(): void {
  return undefined;
}
