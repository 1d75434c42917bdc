import type { LoadResult } from '../lib/load.js';
import { median } from '../lib/measure.js';
import { cpuMsOf, rssMbOf } from '../lib/processes.js';
import type { Cell } from './row.js';
import type { Server } from './servers/server.js';

/** A server in a row, and what one round of it is. */
export interface Contestant {
  readonly server: Server;
  /** Made before the clock runs. */
  readonly prepare?: () => Promise<void>;
  readonly round: () => Promise<LoadResult>;
}

interface Round extends LoadResult {
  readonly serviceCpuMs: number;
  readonly databaseCpuMs: number;
}

/**
 * Loads servers in turns, so that whatever else the machine does falls on all of them: every round loads each of them once,
 * each round beginning with the next one. A first round is not counted.
 */
export async function runRounds(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<readonly Cell[]> {
  const measured = new Map<Contestant, Round[]>(contestants.map((each) => [each, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (let turn = 0; turn < contestants.length; turn += 1) {
      const contestant = contestants[(round + 1 + turn) % contestants.length];
      if (contestant === undefined) continue;
      await contestant.prepare?.();
      const result = await runRound(contestant);
      if (round >= 0) measured.get(contestant)?.push(result);
    }
  }
  return contestants.map((contestant) => cellOf(contestant.server, measured.get(contestant) ?? []));
}

async function runRound({ server, round }: Contestant): Promise<Round> {
  const service = server.servicePids();
  const database = server.databasePids();
  const [serviceBefore, databaseBefore] = [cpuMsOf(service), cpuMsOf(database)];
  const result = await round();
  return {
    ...result,
    // Again: a process of the database that began meanwhile counts as well.
    serviceCpuMs: (cpuMsOf(server.servicePids()) - serviceBefore) / result.operations,
    databaseCpuMs: (cpuMsOf(server.databasePids()) - databaseBefore) / result.operations,
  };
}

function cellOf(server: Server, rounds: readonly Round[]): Cell {
  const of = (value: (round: Round) => number) => median(rounds.map(value));
  const firstFailure = rounds.find((round) => round.firstFailure !== undefined)?.firstFailure;
  return {
    server: server.name,
    version: server.version,
    durability: server.durability,
    operations: rounds.reduce((sum, round) => sum + round.operations, 0),
    failed: rounds.reduce((sum, round) => sum + round.failed, 0),
    ...(firstFailure === undefined ? {} : { firstFailure }),
    perSecond: of((round) => round.perSecond),
    p50Ms: of((round) => round.p50Ms),
    p99Ms: of((round) => round.p99Ms),
    serviceCpuMs: of((round) => round.serviceCpuMs),
    ...(server.databasePids().length === 0 ? {} : { databaseCpuMs: of((round) => round.databaseCpuMs) }),
    rssMb: rssMbOf(server.servicePids()),
    rounds: rounds.map((round) => round.perSecond),
  };
}

/** How many times as fast: the median of the ratios within each round, which a busy machine disturbs least. NaN without both. */
export function ratioOf(cells: readonly Cell[], server: string, peer: string): number {
  const [own, other] = [server, peer].map((name) => cells.find((cell) => cell.server === name)?.rounds);
  if (own === undefined || other === undefined) return Number.NaN;
  return median(own.map((perSecond, round) => perSecond / (other[round] ?? Number.NaN)));
}
