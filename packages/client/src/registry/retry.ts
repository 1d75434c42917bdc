import { observer } from '../callbacks.js';
import { ClientError } from '../errors.js';

/** How often and how long to try again. Times in milliseconds. */
export interface RetryPolicy {
  /** Attempts after the first one; one at most while there is no connection at all. */
  readonly retries: number;
  /** Nothing is waited for longer; a registry that asks for more ends the attempts. */
  readonly maxDelayMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { retries: 3, maxDelayMs: 10_000 };

/** What an observer learns before a pause. */
export interface RetryNotice {
  readonly attempt: number;
  readonly retries: number;
  readonly delayMs: number;
  readonly error: ClientError;
}

export interface RetryDeps {
  readonly policy: RetryPolicy;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly sleep: (delayMs: number, signal?: AbortSignal) => Promise<void>;
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
}

/**
 * Runs `attempt` again while its error says that this may help. What is not `idempotent` is only repeated when the
 * registry cannot have seen it. The last error says how often it was tried.
 */
export async function withRetries<T>(
  deps: RetryDeps,
  call: {
    readonly idempotent: boolean;
    readonly signal?: AbortSignal | undefined;
    readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
  },
  attempt: () => Promise<T>,
): Promise<T> {
  for (let retried = 0; ; retried++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ClientError) || error.retry === undefined) throw error;
      const delayMs = findDelayMs(deps, retried, error.retry.afterMs);
      const mayRepeat = call.idempotent || !error.retry.maybeReceived;
      const retries = Math.min(deps.policy.retries, error.retry.atMost ?? Infinity);
      if (!mayRepeat || retried >= retries || delayMs === undefined) throw counted(error, retried);
      const notice = { attempt: retried + 1, retries, delayMs, error };
      observer('onRetry', deps.onRetry)(notice);
      observer('onRetry', call.onRetry)(notice);
      await deps.sleep(delayMs, call.signal);
    }
  }
}

/**
 * Exponential backoff with jitter: 0.5–1.5 s first, its range doubled each time, never less than the registry asked
 * for. Undefined when that is more than the policy allows: sooner would be rude, later would look hung.
 */
export function findDelayMs(
  deps: Pick<RetryDeps, 'policy' | 'random'>,
  retried: number,
  afterMs = 0,
): number | undefined {
  const { maxDelayMs } = deps.policy;
  if (afterMs > maxDelayMs) return undefined;
  const backoffMs = 500 + deps.random() * 1000 * 2 ** retried;
  return Math.round(Math.min(maxDelayMs, Math.max(backoffMs, afterMs)));
}

/** `Retry-After` (RFC 9110 §10.2.3), in seconds or as a date; undefined when absent or unreadable. */
export function parseRetryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined || header.length > 40) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const at = header.endsWith(' GMT') ? Date.parse(header) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

function counted(error: ClientError, retried: number): ClientError {
  if (retried === 0) return error;
  const times = retried === 1 ? '1 retry' : `${retried} retries`;
  return new ClientError(error.code, `${error.message} (after ${times})`, {
    hint: error.hint,
    remedy: error.remedy,
    cause: error,
    problem: error.problem,
    retry: error.retry,
    verification: error.verification,
  });
}
