import { createHmac, timingSafeEqual } from 'node:crypto';
import { RegistryError } from '../../domain/error.js';
import type { RequestContext } from '../../http/context.js';
import { cookieName, cookieSiteOf, readCookie } from '../../http/cookies.js';
import { publicUrlOf, type PublicUrlDeps } from '../../http/public-url.js';
import { assertSameOrigin } from '../../http/same-origin.js';

/** Name of the field that holds it. */
export const FORM_TOKEN_FIELD = 'form_token';

/**
 * What a form of this browser's session sends along. It is made of the session's secret, which no page and no script
 * knows, so that only a page of this session can have it; it says nothing of the secret. Undefined without a session.
 */
export function formTokenOf(deps: PublicUrlDeps, ctx: Pick<RequestContext, 'get'>): string | undefined {
  const site = cookieSiteOf(publicUrlOf(deps, ctx));
  const secret = readCookie(ctx, cookieName(site, 'session'));
  if (secret === undefined) return undefined;
  return createHmac('sha256', secret).update('sheaf form').digest('base64url');
}

/**
 * Refuses a form that a page of this session has not made: it must come from this origin, and bring the session's token.
 *
 * @throws RegistryError `auth.cross_site`
 */
export function assertFormToken(
  deps: PublicUrlDeps,
  ctx: Pick<RequestContext, 'get' | 'method'>,
  given: string | undefined,
): void {
  assertSameOrigin(ctx, publicUrlOf(deps, ctx));
  const expected = formTokenOf(deps, ctx);
  if (expected !== undefined && given !== undefined && isSame(expected, given)) return;
  throw new RegistryError(
    'auth.cross_site',
    'the form is not of a page of this session: load the page again',
  );
}

function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
