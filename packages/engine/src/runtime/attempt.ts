import type { Plan, PlanStep } from '@sheaf/workflow';
import { shellOutcome, shellProcess, type Shells } from '../actions/shell.js';
import type { Command } from '../core/decide.js';
import type { JournalEvent } from '../core/events.js';
import type { OutputListener, ProcessHandle, ProcessRunner } from '../ports.js';
import { stepEnvironment } from './environment.js';

/** An attempt that was begun: what to stop, and the event that it ends with. */
export interface Attempt {
  readonly handle: ProcessHandle | undefined;
  readonly end: Promise<JournalEvent>;
}

/** What all attempts of a run have in common. */
export interface AttemptContext {
  readonly runner: ProcessRunner;
  readonly plan: Plan;
  readonly runId: string;
  readonly cwd: string;
  readonly bundleDir?: string;
  readonly inherited: Readonly<Record<string, string>>;
  readonly shells: Shells;
}

/** Makes the function that begins attempts of this run's steps. */
export function attemptStarter(
  context: AttemptContext,
): (command: Extract<Command, { type: 'start' }>, onOutput: OutputListener | undefined) => Attempt {
  const steps = new Map(context.plan.steps.map((step) => [step.id, step]));
  return (command, onOutput) => {
    const step = steps.get(command.step);
    if (step === undefined) throw new TypeError(`no step ${command.step}`);
    return startAttempt(context, step, command, onOutput);
  };
}

function startAttempt(
  context: AttemptContext,
  step: PlanStep,
  { attempt, env }: Extract<Command, { type: 'start' }>,
  onOutput: OutputListener | undefined,
): Attempt {
  const environment = stepEnvironment({
    ...context,
    parameters: context.plan.parameters,
    env,
    step: step.id,
    attempt,
  });
  const spec = shellProcess({ ...context, step, attempt, environment });
  const finished = { type: 'step.finished', step: step.id, attempt } as const;
  if ('problem' in spec) {
    const outcome = { status: 'failed', outputs: {}, durationMs: 0, reason: spec.problem } as const;
    return { handle: undefined, end: Promise.resolve({ ...finished, ...outcome }) };
  }
  const handle = context.runner.start(spec, onOutput);
  const end = handle.done.then((process): JournalEvent => {
    if (process.stopped !== 'request') return { ...finished, ...shellOutcome(step, process) };
    const reason = { code: 'step.cancelled', message: 'it was stopped with the run' } as const;
    return { type: 'step.interrupted', step: step.id, attempt, reason };
  });
  return { handle, end };
}
