import { findWanted, formatReference, type Wanted } from '@sheaf/client';
import { CliError } from '../frame/errors.js';
import { openTrust } from '../registry/open-trust.js';
import { locateWanted, originOf } from './registries.js';
import type { LockedTarget } from './run-target.js';
import { assertFits } from './stale.js';
import { verifyClosure, type ClosureOptions, type VerifiedClosure } from './verify-closure.js';
import { listWanted, type ProjectUse } from './wanted.js';

/**
 * Finds what a lockfile holds for a reference, and verifies it and its dependencies.
 *
 * @throws CliError `lock.stale`; as `verifyClosure`
 */
export async function fetchLocked(
  { context, input, use }: Omit<ProjectUse, 'project'>,
  { project, lock, reference, why }: LockedTarget,
  options: ClosureOptions,
): Promise<VerifiedClosure> {
  const trust = await openTrust(context);
  const findPin = ({ url }: { readonly url: string }) => trust.findPin(url);
  const { wanted, urls } = await listWanted({ context, input, project, use }, findPin, lock);
  if (why !== undefined) await assertFits(context, project, lock, { wanted, why });
  const name = formatReference(reference);
  const choice = await locateWanted({ context, input, use }, reference, lock);
  const origins = lock.registries.map(({ origin }) => origin);
  const registry = await use(choice, async (session) =>
    originOf(session.url, await trust.findPin(session.url), origins),
  );
  const target: Wanted = { id: reference.id, selector: reference.selector, registry };
  const entry = findWanted(lock, target);
  if (entry === undefined) {
    throw new CliError('lock.stale', `${project.lockFile} holds nothing for ${name}${why ?? ''}`, {
      hint: [`name it in [workflows] of ${project.file}`, 'then run  sheaf lock  and commit sheaf.lock'],
    });
  }
  return verifyClosure({ context, use, urls }, lock, entry, options);
}
