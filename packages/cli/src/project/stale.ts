import type { LockDifference } from '@sheaf/client';
import { isCi, type Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';
import type { OpenProject } from './open-project.js';

/** Why only a lockfile counts, for messages; empty when nothing says so. */
export function describeLocked(context: Pick<Context, 'env'>, isFlag: boolean): string {
  if (isFlag) return ' (--locked)';
  return isCi(context) ? ' (--locked, because CI=true)' : '';
}

/** The error for a lockfile that does not fit its project: each difference on a line of its own. */
export function staleError(
  { lockFile, file }: Pick<OpenProject, 'lockFile' | 'file'>,
  differences: readonly LockDifference[],
  why: string,
): CliError {
  const width = Math.max(...differences.map(({ name }) => name.length));
  return new CliError('lock.stale', `${lockFile} does not match ${file}${why}`, {
    evidence: differences.map(({ name, detail }) => printable(`${name.padEnd(width)}  ${detail}`)),
    hint: 'run  sheaf lock  and commit sheaf.lock',
    data: { differences },
  });
}
