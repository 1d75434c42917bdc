import { EMPTY_LOCKFILE, findWanted, type Reference } from '@sheaf/client';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { findKnownPin } from '../registry/log-key.js';
import { withSessions, type Session } from '../registry/session.js';
import { findLock } from './lock-on-disk.js';
import type { OpenProject } from './open-project.js';
import { locateWanted, originOf } from './registries.js';

/**
 * Does some work with what a short name of a project stands for: the very version that is locked for it, from the
 * registry that it was locked from; what is not locked, as the project names it.
 */
export async function withNamed<T>(
  context: Context,
  input: Input,
  { project, wanted }: { readonly project: OpenProject; readonly wanted: Reference },
  work: (session: Session, reference: Reference) => Promise<T>,
): Promise<T> {
  const lock = (await findLock(project)) ?? EMPTY_LOCKFILE;
  return withSessions(context, async (use) => {
    const choice = await locateWanted({ context, input, use }, wanted, lock);
    return use(choice, async (session) => {
      const origins = lock.registries.map(({ origin }) => origin);
      const registry = originOf(session.url, await findKnownPin(context, session), origins);
      const { id, selector } = wanted;
      const locked = findWanted(lock, { id, selector, registry });
      if (locked === undefined) return work(session, wanted);
      return work(session, { id, selector: { kind: 'digest', digest: locked.tar } });
    });
  });
}
