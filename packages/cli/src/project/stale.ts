import {
  findDifferences,
  openCache,
  proveDependencies,
  type Lockfile,
  type WantedByName,
} from '@sheaf/client';
import { isCi } from '../frame/ci.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';
import type { OpenProject } from './open-project.js';

/** Why only a lockfile counts, for messages; empty when nothing says so. */
export function describeLocked(context: Pick<Context, 'env'>, isFlag: boolean): string {
  if (isFlag) return ' (--locked)';
  return isCi(context) ? ' (--locked, because CI=true)' : '';
}

/**
 * Holds a lockfile against what its project asks for.
 *
 * @throws CliError `lock.stale` with each difference on a line of its own; ClientError `lock.tampered` when it does not
 *   fit because somebody changed its dependencies, as far as the cache can tell
 */
export async function assertFits(
  context: Pick<Context, 'paths'>,
  { lockFile, file }: Pick<OpenProject, 'lockFile' | 'file'>,
  lock: Lockfile,
  { wanted, why }: { readonly wanted: readonly WantedByName[]; readonly why: string },
): Promise<void> {
  const differences = findDifferences(lock, wanted);
  if (differences.length === 0) return;
  await proveDependencies(lock, await openCache(context.paths.cache()));
  const width = Math.max(...differences.map(({ name }) => name.length));
  throw new CliError('lock.stale', `${lockFile} does not match ${file}${why}`, {
    evidence: differences.map(({ name, detail }) => printable(`${name.padEnd(width)}  ${detail}`)),
    hint: 'run  sheaf lock  and commit sheaf.lock',
    data: { differences },
  });
}
