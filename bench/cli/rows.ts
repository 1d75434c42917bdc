import { median, medianRatio, type Timings } from '../lib/measure.js';
import type { Row } from '../lib/report.js';

/** The value that so many percent of the others do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** What one process takes beside another, in the same rounds. */
export function compared(timings: Timings, what: string, peer: string, most?: number): Row {
  const ratio = medianRatio(timings, what, peer);
  return {
    ...timed(timings, what),
    peer,
    peerValue: median(timings.get(peer) ?? []),
    ratio,
    ...(most !== undefined && { target: `≤ ${most}`, isMet: ratio <= most }),
  };
}

/**
 * How many times a bare Node a verb takes, when what it asks for over the network, and its step, are taken off: what
 * `asking` takes, the same requests and the same process by a bare Node, beyond that Node itself. The note has the time that is
 * left, and the ratio of the whole.
 */
export function beyondNetwork(
  timings: Timings,
  what: string,
  { bare, asking }: { readonly bare: string; readonly asking: string },
  most: number,
): Row {
  const [own, node, asked] = [what, bare, asking].map((name) => timings.get(name) ?? []);
  const at = (values: readonly number[] | undefined, i: number): number => values?.[i] ?? Number.NaN;
  const net = (own ?? []).map((ms, i) => ms - (at(asked, i) - at(node, i)));
  const ratio = median(net.map((ms, i) => ms / at(node, i)));
  const whole = medianRatio(timings, what, bare);
  return {
    ...timed(timings, what),
    peer: asking,
    peerValue: median(asked ?? []),
    ratio,
    target: `≤ ${most}`,
    isMet: ratio <= most,
    note: `net ${median(net).toFixed(0)} ms, whole ${whole.toFixed(2)}; p95 ${percentile(own ?? [], 95).toFixed(0)} ms`,
  };
}

export function timed(timings: Timings, what: string): Row {
  const values = timings.get(what) ?? [];
  return { what, value: median(values), unit: 'ms', note: `p95 ${percentile(values, 95).toFixed(0)} ms` };
}
