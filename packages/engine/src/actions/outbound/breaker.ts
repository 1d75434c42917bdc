import { quote } from '@sheaf/workflow';
import { ActionError } from '../action-error.js';
import { CLOSED, enter, FAILURES, giveUp, leave, type Circuit } from './circuit.js';

/** Servers that are remembered; the one that was called longest ago is forgotten first. */
const MAX_ORIGINS = 1_000;

/** Keeps steps from a server that has failed again and again. */
export interface Breaker {
  /** Asks to call a server. Throws ActionError `http.circuit_open`. What it decides is logged. */
  enter(origin: string, log: (line: string) => void): Passage;
}

/** One call, of which exactly one is to be said. */
export interface Passage {
  readonly ended: (isWell: boolean) => void;
  /** Nothing is known of the server: the call was cancelled, or never went out. */
  readonly gaveUp: () => void;
}

export interface BreakerClock {
  /** Milliseconds, of any beginning, never backwards. */
  readonly now: () => number;
  /** Milliseconds since the epoch, for people. */
  readonly wallNow: () => number;
}

export function createBreaker({ now, wallNow }: BreakerClock): Breaker {
  const circuits = new Map<string, Circuit>();
  const timeIn = (ms: number): string => new Date(wallNow() + ms).toISOString().replace(/\.\d+Z$/, 'Z');
  const keep = (origin: string, circuit: Circuit): void => {
    circuits.delete(origin);
    // One that was never seen to fail is not remembered.
    if (circuit.state === 'closed' && circuit.failures === 0 && circuit.number === 0) return;
    circuits.set(origin, circuit);
    const [oldest] = circuits.keys();
    if (circuits.size > MAX_ORIGINS && oldest !== undefined) circuits.delete(oldest);
  };
  return {
    enter: (origin, log) => {
      const entrance = enter(circuits.get(origin) ?? CLOSED, now());
      if ('waitMs' in entrance) throw openError(origin, entrance.waitMs, timeIn(entrance.waitMs));
      keep(origin, entrance.circuit);
      if (entrance.circuit.state === 'half-open')
        log(`${origin} was left alone for a while, and is tried again\n`);
      const update = (change: (circuit: Circuit) => Circuit): void => {
        const before = circuits.get(origin) ?? CLOSED;
        const after = change(before);
        if (after === before) return;
        keep(origin, after);
        if (after.state === before.state) return;
        if (after.state === 'closed') log(`${origin} is well again\n`);
        if (after.state === 'open')
          log(
            `${origin} is left alone until ${timeIn(after.until - now())}, by all steps: it failed again and again\n`,
          );
      };
      return {
        ended: (isWell) => {
          update((circuit) => leave(circuit, entrance.permit, isWell, now()));
        },
        gaveUp: () => {
          update((circuit) => giveUp(circuit, entrance.permit, now()));
        },
      };
    },
  };
}

/** One for the process: what one step finds out of a server spares the next one. */
export const PROCESS_BREAKER: Breaker = createBreaker({
  now: () => performance.now(),
  wallNow: () => Date.now(),
});

function openError(origin: string, waitMs: number, time: string): ActionError {
  const seconds = Math.ceil(waitMs / 1000);
  return new ActionError(
    'http.circuit_open',
    `${quote(origin)} has failed ${FAILURES} times in a row, and is left alone for ${seconds} s more`,
    {
      retryable: true,
      hint: `it is tried again at ${time}: sheaf resume, or a retry of the step with such a delay`,
    },
  );
}
