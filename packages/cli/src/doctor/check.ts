import { describeError } from '../frame/errors.js';

/** `skip` is what could not be looked at, or is not used here: no fault. */
export type CheckStatus = 'ok' | 'warn' | 'fail' | 'skip';

/** What was found out about one thing. */
export interface Finding {
  /** What was looked at: `git`, `registry corp`. */
  readonly check: string;
  readonly status: CheckStatus;
  /** One line, without secrets. */
  readonly detail: string;
  /** What to do about it, best a command to paste. */
  readonly remedy?: string;
}

/** Looks at one thing, or at several that depend on each other. */
export interface Check {
  readonly name: string;
  /** @param signal aborted when the time is over */
  readonly run: (signal: AbortSignal) => Promise<Finding | readonly Finding[]>;
}

export interface RunOptions {
  /** For all checks together, which run side by side. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Runs all checks side by side, each to its end or to the limit, and returns what they found in their order. A check
 * that throws has failed; the others go on.
 */
export async function runChecks(
  checks: readonly Check[],
  { limitMs, signal }: RunOptions,
): Promise<readonly Finding[]> {
  const timeout = AbortSignal.timeout(limitMs);
  const either = AbortSignal.any([signal, timeout]);
  const ended = new Promise<'ended'>((resolve) => {
    either.addEventListener('abort', () => {
      resolve('ended');
    });
  });
  const found = await Promise.all(
    checks.map(async ({ name, run }): Promise<readonly Finding[]> => {
      const outcome = await Promise.race([ended, attempt(name, () => run(either))]);
      return outcome === 'ended' ? [late(name, limitMs)] : outcome;
    }),
  );
  signal.throwIfAborted();
  return found.flat();
}

async function attempt(
  name: string,
  run: () => Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    const found = await run();
    return 'check' in found ? [found] : found;
  } catch (error) {
    return [failed(name, error)];
  }
}

/** A finding from an error of any package. */
export function failed(check: string, error: unknown): Finding {
  const { message, help } = describeError(error);
  const [remedy] = help;
  return { check, status: 'fail', detail: message, ...(remedy === undefined ? {} : { remedy }) };
}

function late(check: string, limitMs: number): Finding {
  return { check, status: 'warn', detail: `no answer within ${(limitMs / 1000).toFixed(1)} s` };
}
