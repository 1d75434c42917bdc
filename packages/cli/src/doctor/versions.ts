import { isHigherVersion } from '@sheaf/client';
import { printable } from '../terminal/escape.js';
import type { Finding } from './check.js';

/** The versions of Node and of sheaf itself, beside the newest that a registry knows of. */
export function describeVersion({
  node,
  own,
  known,
}: {
  readonly node: string;
  readonly own: string;
  readonly known: readonly string[];
}): readonly Finding[] {
  // Who starts sheaf with an older Node does not come this far.
  const first: Finding = { check: 'node', status: 'ok', detail: node };
  const newest = known.reduce<string | undefined>(
    (best, version) => (best === undefined || isHigherVersion(version, best) ? version : best),
    undefined,
  );
  if (newest === undefined)
    return [first, { check: 'sheaf', status: 'ok', detail: `${own}; no registry said which is the newest` }];
  if (!isHigherVersion(newest, own))
    return [first, { check: 'sheaf', status: 'ok', detail: `${own}, the newest` }];
  return [
    first,
    {
      check: 'sheaf',
      status: 'warn',
      detail: `${own}, and ${printable(newest)} is available`,
      remedy: `npm install --global @sheaf/cli@${printable(newest)}`,
    },
  ];
}
