import type { Db } from './connection.js';
import { isDatabaseOutage } from './outage.js';

/** What one statement may cost: so many keys, where each costs 1. */
const MAX_COST = 64;

/**
 * Makes one statement of what several callers look up: while one is on its way, those who ask wait, and then share the next.
 * Whoever asks gets what the database held after the call, never an answer that was on its way before; a single caller
 * never waits.
 *
 * What a statement costs is bounded; a key that costs more than that has one to itself. When a shared statement fails and the
 * database is there, each key is asked for alone, so that what one caller has asked for fails nobody else.
 *
 * @param load answers for each key, in their order
 * @param costOf how much of a statement a key takes; 1 unless it is given
 * @returns the lookup of one key
 */
export function gathered<Key, Found>(
  load: (db: Db, keys: readonly Key[]) => Promise<readonly Found[]>,
  costOf: (key: Key) => number = () => 1,
): (db: Db, key: Key) => Promise<Found> {
  /** Those who wait, by database; one without a line has no statement on its way. */
  const lines = new WeakMap<Db, Waiting<Key, Found>[]>();

  const run = async (db: Db, line: Waiting<Key, Found>[]): Promise<void> => {
    while (line.length > 0) {
      await answer(takeGroup(line), (keys) => load(db, keys));
    }
    lines.delete(db);
  };

  return (db, key) =>
    new Promise((resolve, reject) => {
      const waiting = { key, cost: costOf(key), resolve, reject };
      const line = lines.get(db);
      if (line) line.push(waiting);
      else {
        const opened = [waiting];
        lines.set(db, opened);
        void run(db, opened);
      }
    });
}

interface Waiting<Key, Found> {
  readonly key: Key;
  readonly cost: number;
  readonly resolve: (found: Found) => void;
  readonly reject: (error: unknown) => void;
}

/** The first ones in line: at least one, and no more than a statement may cost. */
function takeGroup<Key, Found>(line: Waiting<Key, Found>[]): readonly Waiting<Key, Found>[] {
  let count = 0;
  let cost = 0;
  for (const waiting of line) {
    cost += waiting.cost;
    if (count > 0 && cost > MAX_COST) break;
    count += 1;
  }
  return line.splice(0, count);
}

type Load<Key, Found> = (keys: readonly Key[]) => Promise<readonly Found[]>;

async function answer<Key, Found>(
  group: readonly Waiting<Key, Found>[],
  load: Load<Key, Found>,
): Promise<void> {
  try {
    const found = await load(group.map(({ key }) => key));
    if (found.length !== group.length) throw new Error('a lookup has not answered for each key');
    for (const [i, each] of found.entries()) group[i]?.resolve(each);
  } catch (error) {
    // Not waited for: what fails may take its time to fail again, and those in line have nothing to do with it.
    if (group.length > 1 && !isDatabaseOutage(error)) void answerEach(group, load);
    else for (const { reject } of group) reject(error);
  }
}

/** One after the other, so that a group that has failed never takes more than one connection; what costs least comes first. */
async function answerEach<Key, Found>(
  group: readonly Waiting<Key, Found>[],
  load: Load<Key, Found>,
): Promise<void> {
  for (const waiting of [...group].sort((a, b) => a.cost - b.cost)) await answer([waiting], load);
}
