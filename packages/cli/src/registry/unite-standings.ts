import type { Standing } from '@sheaf/bundle';

/**
 * One document that says all that some documents of one release say: their events against one checkpoint, the largest
 * that proves all of them. Undefined when none does; a fresh one from the registry may.
 */
export function uniteStandings(standings: readonly Standing[]): Standing | undefined {
  const all = new Set(standings.flatMap(({ events }) => events.map(({ index }) => index)));
  return [...new Set(standings.map(({ checkpoint }) => checkpoint))]
    .map((checkpoint) => eventsAgainst(standings, checkpoint))
    .filter(({ events }) => events.length === all.size)
    .reduce<Standing | undefined>(
      (best, next) => (best === undefined || sizeOf(next) > sizeOf(best) ? next : best),
      undefined,
    );
}

function eventsAgainst(standings: readonly Standing[], checkpoint: string): Standing {
  const events = new Map(
    standings
      .filter((each) => each.checkpoint === checkpoint)
      .flatMap((each) => each.events.map((event) => [event.index, event] as const)),
  );
  return { events: [...events.values()].sort((a, b) => a.index - b.index), checkpoint };
}

/** The tree's size stands in the second line of a checkpoint. */
function sizeOf({ checkpoint }: Standing): number {
  return Number(checkpoint.split('\n', 2)[1]);
}
