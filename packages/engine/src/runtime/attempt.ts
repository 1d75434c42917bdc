import { shellOutcome, shellProcess } from '../actions/shell.js';
import type { StartCommand } from '../core/command.js';
import type { StepState } from '../core/scope.js';
import {
  STOPPED,
  type Attempt,
  type AttemptContext,
  type AttemptEnd,
  type AttemptHooks,
  type StartAttempt,
} from './attempt-port.js';
import { stepEnvironment } from './environment.js';
import { runAction } from './run-action.js';
import { cachedAttempt } from './step-cache.js';

/** Makes the function that begins attempts of this run's steps. */
export function attemptStarter(context: AttemptContext): StartAttempt {
  return (command, hooks) => {
    const entry = context.state.steps.get(command.step);
    if (entry === undefined) throw new TypeError(`no step ${command.step}`);
    const begin = (): Attempt => startWork(context, entry, command, hooks);
    if (entry.step.cache === undefined || context.cache === undefined) return begin();
    const env = environmentOf(context, entry, command);
    return cachedAttempt(context, context.cache, { entry, command, hooks, env, begin });
  };
}

function startWork(
  context: AttemptContext,
  entry: StepState,
  command: StartCommand,
  hooks: AttemptHooks,
): Attempt {
  if (entry.step.work.kind === 'shell') return startShell(context, entry, command, hooks);
  return runAction(context, entry, {
    command,
    hooks,
    env: environmentOf(context, entry, command),
    bundleDir: context.bundleDirs.get(entry.scope.workflow ?? ''),
  });
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
