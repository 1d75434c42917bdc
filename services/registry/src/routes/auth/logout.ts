import type { AppDeps } from '../../app-deps.js';
import { closeSession } from '../../domain/identity/sessions.js';
import type { Handler } from '../../http/context.js';
import { cookieName, cookieSiteOf, readCookie, setCookie } from '../../http/cookies.js';
import { publicUrlOf } from '../../http/public-url.js';
import { assertSameOrigin } from '../../http/same-origin.js';
import { sendAway } from './login.js';
import { SESSION_PATH } from './return-path.js';

/** `POST /auth/logout`: end the session of this browser. */
export function logoutRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const publicUrl = publicUrlOf(deps, ctx);
    assertSameOrigin(ctx, publicUrl);
    const site = cookieSiteOf(publicUrl);
    const secret = readCookie(ctx, cookieName(site, 'session'));
    if (secret !== undefined) await closeSession(deps, secret);
    setCookie(ctx, site, { name: 'session', value: '', maxAgeSeconds: 0 });
    sendAway(ctx, `${publicUrl}${SESSION_PATH}`);
  };
}
