/** One thing to be timed: `run` is timed, `before` is not. */
export interface Contestant {
  readonly name: string;
  readonly before?: () => void | Promise<void>;
  readonly run: () => void | Promise<void>;
}

/** Milliseconds of each round. */
export type Timings = ReadonlyMap<string, readonly number[]>;

/**
 * Times contestants in turns, so that whatever else the machine does falls on all of them: every round runs each of
 * them once, each round beginning with the next one. A first round is not counted.
 */
export async function interleave(contestants: readonly Contestant[], rounds: number): Promise<Timings> {
  const timings = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = contestants[(round + 1 + turn) % contestants.length];
      if (contestant === undefined) continue;
      await contestant.before?.();
      const startedMs = performance.now();
      await contestant.run();
      const elapsedMs = performance.now() - startedMs;
      if (round >= 0) timings.get(contestant.name)?.push(elapsedMs);
    }
  }
  return timings;
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

/**
 * The median of the ratios within each round: what two things cost beside each other at the same moment, which a busy
 * machine disturbs less than it disturbs either of them.
 */
export function medianRatio(timings: Timings, name: string, peer: string): number {
  const own = timings.get(name) ?? [];
  const other = timings.get(peer) ?? [];
  return median(own.map((ms, round) => ms / (other[round] ?? Number.NaN)));
}

/** Milliseconds of processor time that the process has used: what it costs, whoever else uses the machine. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** How often a call returns per second of processor time, which is also how `openssl speed` counts. */
export function perSecond(call: () => void, forMs: number): number {
  for (let i = 0; i < 20; i++) call();
  const startedMs = processorMs();
  let calls = 0;
  while (processorMs() - startedMs < forMs) {
    for (let i = 0; i < 10; i++) call();
    calls += 10;
  }
  return (calls * 1000) / (processorMs() - startedMs);
}
