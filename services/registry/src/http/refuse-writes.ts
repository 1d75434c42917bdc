import { RegistryError } from '../domain/error.js';
import { mirrorRefusal } from '../domain/log/mirror-logs.js';
import type { RegistryMiddleware, RequestContext } from './context.js';
import type { Operation } from './operation.js';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Who somebody is, a mirror cannot say: the accounts are those of the registry. */
const ACCOUNT = '/v1/whoami';

/** Refuses whatever would change a mirror, or needs an account. @throws RegistryError `registry.mirror` */
export function refuseWrites(origin: string): RegistryMiddleware {
  return async (ctx, next) => {
    if (!READS.has(ctx.method) || ctx.path === ACCOUNT) throw mirrorRefusal(origin);
    await next();
  };
}

/**
 * Refuses to ask a stranger who they are, for what only somebody with an account may see: signing in to a mirror is of no use.
 *
 * @throws RegistryError `registry.mirror`
 */
export function refuseStrangers(
  origin: string,
  { access }: Pick<Operation, 'access'>,
  { state }: Pick<RequestContext, 'state'>,
): void {
  if ((access === 'signed-in' || access === 'admin') && !state.principal) throw mirrorRefusal(origin);
}

/**
 * Takes whoever sends a token that a mirror does not know for nobody: it is one of the registry, which clients send with
 * every read.
 */
export function orAnonymous(authenticate: RegistryMiddleware): RegistryMiddleware {
  const done = () => Promise.resolve();
  return async (ctx, next) => {
    try {
      await authenticate(ctx, done);
    } catch (error) {
      if (!(error instanceof RegistryError) || error.code !== 'auth.token_invalid') throw error;
    }
    await next();
  };
}
