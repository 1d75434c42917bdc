import type { AppDeps } from '../../app-deps.js';
import { findSessionPrincipal } from '../../domain/identity/sessions.js';
import type { Handler } from '../../http/context.js';
import { cookieName, cookieSiteOf, readCookie } from '../../http/cookies.js';
import { publicUrlOf } from '../../http/public-url.js';
import { PRIVATE } from '../../http/respond.js';

/** A page that sends its one form here, and does nothing else. */
const PAGE_POLICY = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/** `GET /auth/session`: a plain page that says who this browser is signed in as, to sign in or out. */
export function showSession(deps: AppDeps): Handler {
  return async (ctx) => {
    const secret = readCookie(ctx, cookieName(cookieSiteOf(publicUrlOf(deps, ctx)), 'session'));
    const person = secret === undefined ? undefined : await findSessionPrincipal(deps, secret);
    ctx.set('Cache-Control', PRIVATE);
    ctx.set('Content-Security-Policy', PAGE_POLICY);
    ctx.set('Vary', 'Cookie');
    ctx.body = renderSession(deps.origin, person?.user);
    ctx.type = 'text/html; charset=utf-8';
  };
}

/** `origin` and `user` are of characters that HTML gives no meaning. */
function renderSession(origin: string, user: string | undefined): string {
  const title = user === undefined ? 'not signed in' : `signed in as ${user}`;
  const action =
    user === undefined
      ? '<p><a href="login">Sign in</a></p>'
      : '<p>This page can be closed.</p><form method="post" action="logout"><button>Sign out</button></form>';
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${title} · ${origin}</title><main><h1>${title}</h1><p>${origin}</p>${action}</main></html>\n`,
  ].join('\n');
}
