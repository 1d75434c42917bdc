import type { StartCommand } from '../core/command.js';
import { EngineError } from '../errors.js';
import {
  STOPPED,
  type Attempt,
  type AttemptEnd,
  type AttemptHooks,
  type EphemeralWorkspace,
  type EphemeralWorkspaces,
} from './attempt-port.js';

/** An attempt in a workspace of its own, made before it begins and removed when it has ended. */
export function ephemeralAttempt(
  make: EphemeralWorkspaces,
  { command, hooks }: { readonly command: StartCommand; readonly hooks: AttemptHooks },
  begin: (cwd: string) => Attempt,
): Attempt {
  const { step, attempt } = command;
  const abort = new AbortController();
  let inner: Attempt | undefined;
  const work = async (workspace: EphemeralWorkspace): Promise<AttemptEnd> => {
    const { path, cwd, head } = workspace;
    const about = { type: 'step.workspace', step, attempt, path } as const;
    hooks.note({ ...about, change: 'created', ...(head === undefined ? {} : { head }) });
    try {
      inner = abort.signal.aborted ? undefined : begin(cwd);
      return inner === undefined ? STOPPED : await inner.end;
    } finally {
      if (await workspace.remove()) hooks.note({ ...about, change: 'removed' });
    }
  };
  const perform = async (): Promise<AttemptEnd> => {
    const made = await make({ step, attempt, signal: abort.signal }).catch((error: unknown) => {
      if (abort.signal.aborted) return STOPPED;
      return notMade(error);
    });
    return 'remove' in made ? work(made) : made;
  };
  const stop = (act: 'stop' | 'kill') => (): void => {
    abort.abort();
    inner?.[act]();
  };
  return { stop: stop('stop'), kill: stop('kill'), end: perform() };
}

function notMade(error: unknown): AttemptEnd {
  const isOurs = error instanceof EngineError;
  const message = error instanceof Error ? error.message : String(error);
  const reason = {
    code: 'workspace.failed',
    message: isOurs ? message : `the workspace could not be made: ${message}`,
    ...(isOurs && error.hint !== undefined ? { hint: error.hint } : {}),
  } as const;
  return { outcome: { status: 'failed', outputs: {}, durationMs: 0, reason } };
}
