import { setTimeout as sleep } from 'node:timers/promises';
import { ActionError } from '../action-error.js';
import type { ActionContext } from '../action.js';
import { PROCESS_BREAKER, type Breaker } from './breaker.js';
import { retryDelay } from './retry.js';

/** What calling a server again takes. */
export interface OutboundDeps {
  readonly breaker: Breaker;
  readonly pause: (delayMs: number, signal: AbortSignal) => Promise<void>;
}

export const OUTBOUND: OutboundDeps = {
  breaker: PROCESS_BREAKER,
  pause: (delayMs, signal) => sleep(delayMs, undefined, { signal }),
};

/** How one try ended. */
export interface Tried<T> {
  /** What there is when it is not tried again. */
  readonly value: T;
  /** Whether the server is well, whatever it thinks of the call. */
  readonly isWell: boolean;
  /** Set where the same may be called again: why, in a few words, and what the server says of when. */
  readonly again?: { readonly why: string; readonly retryAfter?: string | undefined };
}

/** What to make of a try that threw. */
export interface Judged {
  readonly error: ActionError;
  readonly mayTryAgain: boolean;
  /** In a few words. */
  readonly why: string;
}

export interface Calling<T> {
  /** What the breaker knows the server by. */
  readonly origin: string;
  /** How the log calls it. */
  readonly name: string;
  /** At least 1. */
  readonly attempts: number;
  readonly once: () => Promise<Tried<T>>;
  /** Of what is no ActionError: those end it, and say nothing of the server. */
  readonly judge: (error: unknown) => Judged;
}

/** Calls a server until it answers, as often as is wanted. Throws ActionError `http.circuit_open`, and what a last try throws. */
export async function tryAgain<T>(
  { breaker, pause }: OutboundDeps,
  calling: Calling<T>,
  context: Pick<ActionContext, 'seed' | 'attempt' | 'signal' | 'log'>,
): Promise<{ readonly value: T; readonly attempts: number }> {
  const { origin, name, attempts, once, judge } = calling;
  const log = (line: string): void => {
    context.log('stderr', line);
  };
  for (let attempt = 1; ; attempt += 1) {
    const passage = breaker.enter(origin, log);
    const isLast = attempt >= attempts;
    let retryAfter: string | undefined;
    try {
      const tried = await once();
      passage.ended(tried.isWell);
      if (isLast || tried.again === undefined) return { value: tried.value, attempts: attempt };
      retryAfter = tried.again.retryAfter;
      log(`${name} ${tried.again.why}, trying again\n`);
    } catch (error) {
      if (error instanceof ActionError || context.signal.aborted) {
        passage.gaveUp();
        throw error;
      }
      passage.ended(false);
      const judged = judge(error);
      if (isLast || !judged.mayTryAgain) throw judged.error;
      log(`${name} gave no answer (${judged.why}), trying again\n`);
    }
    const delayMs = retryDelay(attempt, {
      seed: `${context.seed}/${context.attempt}`,
      now: Date.now(),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
    if (delayMs === undefined) {
      throw new ActionError('http.status', `${name} asks to be left alone for longer than a minute`, {
        retryable: true,
      });
    }
    await pause(delayMs, context.signal);
  }
}
