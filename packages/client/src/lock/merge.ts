import type { Lockfile } from './lockfile.js';
import { sortLockfile } from './order.js';
import { nameOf } from './wanted.js';

/** All that two lockfiles hold; of what both hold, what the first one says. */
export function mergeLockfiles(first: Lockfile, second: Lockfile): Lockfile {
  const names = new Set(first.workflows.map(nameOf));
  const logs = new Set(first.registries.map(({ origin, realm }) => `${origin} ${realm}`));
  return sortLockfile({
    registries: [
      ...first.registries,
      ...second.registries.filter(({ origin, realm }) => !logs.has(`${origin} ${realm}`)),
    ],
    workflows: [...first.workflows, ...second.workflows.filter((entry) => !names.has(nameOf(entry)))],
  });
}
