import { isActionError } from '../actions/action-error.js';
import type { StartCommand } from '../core/command.js';
import { namedSecrets } from '../secrets/named-secrets.js';
import { loadSecret, type SecretScope } from '../secrets/use-secrets.js';
import { STOPPED, type Attempt, type AttemptEnd, type AttemptHooks } from './attempt-port.js';
import { failedAttempt } from './failed-attempt.js';
import type { Decide } from './step-decisions.js';

/** What an attempt needs to be given its secrets. */
export interface SecretAttempt {
  readonly command: StartCommand;
  readonly hooks: AttemptHooks;
  readonly scope: SecretScope;
  readonly decide: Decide;
}

/**
 * An attempt that begins when its secrets are at hand, which are asked for only now; one that is missing fails it and nothing else.
 * Without secrets it begins at once.
 */
export function withSecrets({ command, hooks, scope, decide }: SecretAttempt, work: () => Attempt): Attempt {
  const fail = (error: unknown): Attempt => {
    if (!isActionError(error)) throw error;
    if (error.denied !== undefined) decide({ ...error.denied, result: 'refused' });
    return failedAttempt(error);
  };
  const begin = (): Attempt => {
    try {
      return work();
    } catch (error) {
      return fail(error);
    }
  };
  const names = namedSecrets(command);
  if (names.length === 0) return begin();
  let inner: Attempt | undefined;
  let isStopped = false;
  const perform = async (): Promise<AttemptEnd> => {
    try {
      for (const name of names) {
        const { source } = await loadSecret(scope, name);
        if (isStopped) return STOPPED;
        const { step, attempt } = command;
        hooks.note({ type: 'step.secret', step, attempt, name, from: source });
      }
      inner = begin();
    } catch (error) {
      if (isStopped) return STOPPED;
      inner = fail(error);
    }
    return inner.end;
  };
  const stop = (act: 'stop' | 'kill') => (): void => {
    isStopped = true;
    inner?.[act]();
  };
  return { stop: stop('stop'), kill: stop('kill'), end: perform() };
}
