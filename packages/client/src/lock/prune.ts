import type { Lockfile } from './lockfile.js';
import { sortLockfile } from './order.js';
import { lockedRealm } from './prove.js';
import { closureOf, findWanted, type Wanted } from './wanted.js';

/**
 * A lockfile without what nobody asks for any more, in its order. A name means the highest version that is locked for it:
 * what nothing needs then is not locked.
 */
export function pruneLockfile(lock: Lockfile, wanted: readonly Wanted[]): Lockfile {
  const needed = closureOf(
    lock,
    wanted.flatMap((want) => findWanted(lock, want) ?? []),
  );
  const logs = new Set([...needed].map((entry) => `${entry.registry} ${lockedRealm(entry)}`));
  return sortLockfile({
    registries: lock.registries.filter(({ origin, realm }) => logs.has(`${origin} ${realm}`)),
    workflows: [...needed],
  });
}
