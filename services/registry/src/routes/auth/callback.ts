import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { openSession, SESSION_MS } from '../../domain/identity/sessions.js';
import type { Handler } from '../../http/context.js';
import { cookieName, cookieSiteOf, readCookie, setCookie } from '../../http/cookies.js';
import { publicUrlOf } from '../../http/public-url.js';
import { decodeLogin } from './login-cookie.js';
import { providerOf, sendAway } from './login.js';
import { returnPath } from './return-path.js';

/** `GET /auth/callback`: where the identity provider sends the browser back to. */
export function finishLoginRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const provider = providerOf(deps);
    const publicUrl = publicUrlOf(deps, ctx);
    const site = cookieSiteOf(publicUrl);
    const login = decodeLogin(readCookie(ctx, cookieName(site, 'login')));
    // Used once, whatever comes of it.
    setCookie(ctx, site, { name: 'login', value: '', maxAgeSeconds: 0 });
    if (!login)
      throw new RegistryError('auth.sign_in_failed', 'this browser has not begun to sign in, or long ago');
    const callback = new URL(`${publicUrl}/auth/callback`);
    callback.search = ctx.querystring;
    const proven = await provider.finishLogin(callback, login);
    const value = await openSession(deps, proven);
    setCookie(ctx, site, { name: 'session', value, maxAgeSeconds: SESSION_MS / 1000 });
    // The cookie was in the browser's hands: what it says is read as strictly as a parameter.
    sendAway(ctx, `${publicUrl}${returnPath(login.returnTo)}`);
  };
}
