import type { StartCommand } from '../core/command.js';
import type { StepState } from '../core/scope.js';
import type { Attempt, AttemptHooks } from './attempt.js';

/** What actions need of the engine. */
export interface ActionRuntime {
  readonly graceMs?: number;
}

/** Begins an attempt at a step that an action does. */
export function runAction(
  context: ActionRuntime,
  entry: StepState,
  attempt: {
    readonly command: StartCommand;
    readonly hooks: AttemptHooks;
    readonly env: Readonly<Record<string, string>>;
  },
): Attempt {
  void context;
  void attempt;
  const reason = {
    code: 'action.missing',
    message: `this version has no ${entry.step.work.kind} steps`,
  } as const;
  const outcome = { status: 'failed', outputs: {}, durationMs: 0, reason } as const;
  return {
    stop: () => undefined,
    kill: () => undefined,
    end: Promise.resolve({ outcome, retryable: false }),
  };
}
