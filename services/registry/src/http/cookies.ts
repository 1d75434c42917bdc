import type { RequestContext } from './context.js';

/** Where cookies are for, as far as their attributes go. */
export interface CookieSite {
  /** Whether browsers reach the service by https: always, but on this machine. */
  readonly isSecure: boolean;
}

export function cookieSiteOf(publicUrl: string): CookieSite {
  return { isSecure: publicUrl.startsWith('https:') };
}

/** `__Host-` binds a cookie to this very host, path `/` and https (RFC 6265bis §4.1.3.2); without https there is none. */
export function cookieName(site: CookieSite, name: string): string {
  return site.isSecure ? `__Host-sheaf-${name}` : `sheaf-${name}`;
}

/** Whether a `Cookie` header may bring a session of this service, by either name of {@link cookieName}. */
export function hasSession(header: string | undefined): boolean {
  return header?.includes('sheaf-session=') === true;
}

/** Value of a cookie of the request; undefined when there is none, or several. */
export function readCookie(ctx: Pick<RequestContext, 'get'>, name: string): string | undefined {
  const values = ctx
    .get('Cookie')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

/** Sets a cookie that no script reads and no other site's form sends; an empty value removes it. */
export function setCookie(
  ctx: Pick<RequestContext, 'append'>,
  site: CookieSite,
  cookie: { readonly name: string; readonly value: string; readonly maxAgeSeconds: number },
): void {
  const { value, maxAgeSeconds } = cookie;
  const name = cookieName(site, cookie.name);
  const secure = site.isSecure ? '; Secure' : '';
  ctx.append(
    'Set-Cookie',
    `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`,
  );
}
