import { authenticate, type AuthenticateDeps } from '../domain/access/authenticate.js';
import { RegistryError } from '../domain/error.js';
import type { RegistryMiddleware } from './context.js';

/** Of a token of the identity provider, which may name many groups. */
const MAX_HEADER_LENGTH = 8200;

/** Finds out who a request comes from. A token that is sent must be valid, also where none is needed. */
export function authenticateRequests(deps: AuthenticateDeps): RegistryMiddleware {
  return async (ctx, next) => {
    const header = ctx.get('Authorization');
    if (header !== '') {
      const bearer = header.length <= MAX_HEADER_LENGTH ? /^Bearer ([^\s]+)$/i.exec(header)?.[1] : undefined;
      if (bearer === undefined)
        throw new RegistryError('auth.token_invalid', 'the Authorization header must be: Bearer <token>');
      ctx.state.principal = await authenticate(deps, bearer);
      ctx.set('Vary', 'Authorization');
    }
    await next();
  };
}
