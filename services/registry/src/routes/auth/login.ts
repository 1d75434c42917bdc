import { Type } from '@sinclair/typebox';
import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import type { IdentityProvider } from '../../domain/identity/identity-provider.js';
import type { Handler, RequestContext } from '../../http/context.js';
import { cookieSiteOf, setCookie } from '../../http/cookies.js';
import { publicUrlOf } from '../../http/public-url.js';
import { queryOf } from '../../http/query.js';
import { encodeLogin } from './login-cookie.js';
import { returnPath } from './return-path.js';

export const LOGIN_SECONDS = 600;

export const LoginQuery = Type.Object({
  /** Path of this service to go to afterwards; the page of the session without one. */
  return: Type.Optional(Type.String({ maxLength: 1000 })),
  /** Asks for the password or the like, even of somebody whom the provider knows. */
  fresh: Type.Optional(Type.Boolean()),
});
const readQuery = queryOf(LoginQuery);

/** `GET /auth/login`: send a browser to the identity provider. */
export function startLoginRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const provider = providerOf(deps);
    const { return: asked, fresh = false } = readQuery(ctx);
    const publicUrl = publicUrlOf(deps, ctx);
    const redirectUri = `${publicUrl}/auth/callback`;
    const { url, secrets } = await provider.startLogin({ redirectUri, isFresh: fresh });
    setCookie(ctx, cookieSiteOf(publicUrl), {
      name: 'login',
      value: encodeLogin({ ...secrets, returnTo: returnPath(asked) }),
      maxAgeSeconds: LOGIN_SECONDS,
    });
    sendAway(ctx, url);
  };
}

/** @throws RegistryError `auth.sign_in_unavailable` */
export function providerOf({ signIn }: Pick<AppDeps, 'signIn'>): IdentityProvider {
  if (signIn.provider) return signIn.provider;
  throw new RegistryError('auth.sign_in_unavailable', 'no identity provider is configured here');
}

/** A redirect that nobody keeps, and that tells the next page nothing of this one. */
export function sendAway(ctx: RequestContext, url: string): void {
  ctx.status = 303;
  ctx.set('Location', url);
  ctx.set('Cache-Control', 'no-store');
  ctx.set('Referrer-Policy', 'no-referrer');
}
