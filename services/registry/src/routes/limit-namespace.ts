import type { AppDeps } from '../app-deps.js';
import { findNamespace } from '../db/namespace-queries.js';
import { mayRead } from '../domain/access/reading.js';
import type { RequestContext } from '../http/context.js';
import { takeForNamespace } from '../http/rate-limit.js';
import { findNamespaceParam } from './params.js';

/**
 * Counts a request, too, for the namespace that its path names, where that has a limit. For a private one only those count
 * who may read it: to strangers it would tell that it is there, and they could use it up for its members. Comes after the
 * router, which has decoded the path: a name is one name however it is spelled.
 *
 * @throws RegistryError `rate.limited`
 */
export async function limitNamespace(
  { db, rates }: Pick<AppDeps, 'db' | 'rates'>,
  ctx: RequestContext,
): Promise<void> {
  // A private log has the name of its namespace.
  const name = findNamespaceParam(ctx.params['namespace'] ?? ctx.params['realm']);
  const perMinute = name === undefined ? undefined : rates.perNamespace(name);
  if (name === undefined || perMinute === undefined) return;
  const namespace = await findNamespace(db, name);
  if (namespace && mayRead(ctx.state.principal, namespace)) takeForNamespace(rates, ctx, name, perMinute);
}
