/** Failures in a row after which a server is left alone. */
export const FAILURES = 5;
/** How long it is left alone at first; twice as long each time that it fails again when it is tried. */
export const PAUSE_MS = 30_000;
export const MAX_PAUSE_MS = 300_000;

/**
 * What is known of one server (M. Nygard, Release It!, "Circuit Breaker"). `closed`: calls go through. `open`: none does before
 * `until`. `half-open`: one has gone through to try, and decides; when it says nothing before `until`, another may try. Each state has
 * a number, so that what was called in an earlier one decides nothing about a later one.
 */
export type Circuit =
  | { readonly number: number; readonly state: 'closed'; readonly failures: number }
  | {
      readonly number: number;
      readonly state: 'open' | 'half-open';
      readonly pauseMs: number;
      readonly until: number;
    };

/** Whether a call may go out. */
export type Entrance =
  | { readonly circuit: Circuit; readonly permit: number }
  | { readonly circuit: Circuit; readonly waitMs: number };

export const CLOSED: Circuit = { number: 0, state: 'closed', failures: 0 };

/** Asks to call. `now` in milliseconds, of any beginning. */
export function enter(circuit: Circuit, now: number): Entrance {
  if (circuit.state === 'closed') return { circuit, permit: circuit.number };
  if (now < circuit.until) return { circuit, waitMs: circuit.until - now };
  const { pauseMs } = circuit;
  const number = circuit.number + 1;
  return { circuit: { number, state: 'half-open', pauseMs, until: now + pauseMs }, permit: number };
}

/** A call that had a permit has come back: the server is well, or it is not. */
export function leave(circuit: Circuit, permit: number, isWell: boolean, now: number): Circuit {
  if (permit !== circuit.number) return circuit;
  const number = circuit.number + 1;
  if (circuit.state === 'closed') {
    const failures = isWell ? 0 : circuit.failures + 1;
    if (failures === circuit.failures) return circuit;
    if (failures < FAILURES) return { ...circuit, failures };
    return { number, state: 'open', pauseMs: PAUSE_MS, until: now + PAUSE_MS };
  }
  if (isWell) return { number, state: 'closed', failures: 0 };
  const pauseMs = Math.min(circuit.pauseMs * 2, MAX_PAUSE_MS);
  return { number, state: 'open', pauseMs, until: now + pauseMs };
}

/** A call that had a permit was given up and says nothing: where it was the one to try, another may at once. */
export function giveUp(circuit: Circuit, permit: number, now: number): Circuit {
  return permit === circuit.number && circuit.state === 'half-open' ? { ...circuit, until: now } : circuit;
}
