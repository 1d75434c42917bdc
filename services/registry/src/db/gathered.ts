import type { Db } from './connection.js';

/** So many are asked for with one statement. */
const MAX_GATHERED = 64;

/**
 * Makes one statement of what several callers look up: while one is on its way, those who ask wait, and then share the next.
 * Whoever asks gets what the database held after the call, never an answer that was on its way before; a single caller
 * never waits.
 *
 * @param load answers for each key, in their order
 * @returns the lookup of one key. An error of the statement is that of all who share it.
 */
export function gathered<Key, Found>(
  load: (db: Db, keys: readonly Key[]) => Promise<readonly Found[]>,
): (db: Db, key: Key) => Promise<Found> {
  /** Those who wait, by database; one without a line has no statement on its way. */
  const lines = new WeakMap<Db, Waiting<Key, Found>[]>();

  const run = async (db: Db, line: Waiting<Key, Found>[]): Promise<void> => {
    while (line.length > 0) {
      const group = line.splice(0, MAX_GATHERED);
      await answer(group, (keys) => load(db, keys));
    }
    lines.delete(db);
  };

  return (db, key) =>
    new Promise((resolve, reject) => {
      const line = lines.get(db);
      if (line) line.push({ key, resolve, reject });
      else {
        const opened = [{ key, resolve, reject }];
        lines.set(db, opened);
        void run(db, opened);
      }
    });
}

interface Waiting<Key, Found> {
  readonly key: Key;
  readonly resolve: (found: Found) => void;
  readonly reject: (error: unknown) => void;
}

async function answer<Key, Found>(
  group: readonly Waiting<Key, Found>[],
  load: (keys: readonly Key[]) => Promise<readonly Found[]>,
): Promise<void> {
  try {
    const found = await load(group.map(({ key }) => key));
    if (found.length !== group.length) throw new Error('a lookup has not answered for each key');
    for (const [i, each] of found.entries()) group[i]?.resolve(each);
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}
