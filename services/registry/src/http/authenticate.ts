import type { AppDeps } from '../app-deps.js';
import { authenticate, type AuthenticateDeps } from '../domain/access/authenticate.js';
import type { Principal } from '../domain/access/principal.js';
import { RegistryError } from '../domain/error.js';
import { findSessionPrincipal } from '../domain/identity/sessions.js';
import type { RegistryMiddleware, RequestContext } from './context.js';
import { cookieName, cookieSiteOf, readCookie } from './cookies.js';
import { publicUrlOf, type PublicUrlDeps } from './public-url.js';
import { assertSameOrigin } from './same-origin.js';

/** Of a token of the identity provider, which may name many groups. */
const MAX_HEADER_LENGTH = 8200;

type Deps = AuthenticateDeps & PublicUrlDeps & Pick<AppDeps, 'elapsedMs'>;

/**
 * Finds out who a request comes from: by its token, else by the session of a browser. A token that is sent must be
 * valid, also where none is needed; a session that has ended is none, so that a page is still shown.
 */
export function authenticateRequests(deps: Deps): RegistryMiddleware {
  return async (ctx, next) => {
    const header = ctx.get('Authorization');
    const find = () => (header === '' ? findBrowser(deps, ctx) : authenticateHeader(deps, header));
    const foundAtMs = deps.elapsedMs();
    const principal = await find();
    if (principal) {
      ctx.state.principal = principal;
      ctx.state.caller = { foundAtMs, elapsedMs: deps.elapsedMs, findAgain: find };
    }
    if (header !== '') ctx.set('Vary', 'Authorization');
    else if (principal) {
      ctx.set('Vary', 'Cookie');
      // What a session sees is for pages of this origin alone.
      ctx.remove('Access-Control-Allow-Origin');
    }
    await next();
  };
}

function authenticateHeader(deps: Deps, header: string): Promise<Principal> {
  const bearer = header.length <= MAX_HEADER_LENGTH ? /^Bearer ([^\s]+)$/i.exec(header)?.[1] : undefined;
  if (bearer === undefined)
    throw new RegistryError('auth.token_invalid', 'the Authorization header must be: Bearer <token>');
  return authenticate(deps, bearer);
}

async function findBrowser(
  deps: Deps,
  ctx: Pick<RequestContext, 'get' | 'method' | 'path'>,
): Promise<Principal | undefined> {
  // Only who can sign in by a browser has a session; and whoever signs in or out needs none.
  if (deps.signIn.provider === undefined || ctx.get('Cookie') === '' || ctx.path.startsWith('/auth/'))
    return undefined;
  const publicUrl = publicUrlOf(deps, ctx);
  const secret = readCookie(ctx, cookieName(cookieSiteOf(publicUrl), 'session'));
  const principal = secret === undefined ? undefined : await findSessionPrincipal(deps, secret);
  if (principal) assertSameOrigin(ctx, publicUrl);
  return principal;
}
