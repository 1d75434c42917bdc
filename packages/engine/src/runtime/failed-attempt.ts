import type { Reason } from '../core/events.js';
import type { Attempt } from './attempt-port.js';

interface Failure extends Omit<Reason, 'hint'> {
  readonly hint?: string | undefined;
}

/** One that never began, and would not begin another time. */
export function failedAttempt({ code, message, hint }: Failure): Attempt {
  const reason = { code, message, ...(hint === undefined ? {} : { hint }) };
  const outcome = { status: 'failed', outputs: {}, durationMs: 0, reason } as const;
  return { stop: ignore, kill: ignore, end: Promise.resolve({ outcome, retryable: false }) };
}

function ignore(): void {
  return undefined;
}
