import { isLoopback } from '../config/oidc.js';
import type { RequestContext } from './context.js';

export interface PublicUrlDeps {
  readonly origin: string;
  readonly signIn: { readonly publicUrl: string | undefined };
}

/**
 * Where the browser of a request reaches the service, without a trailing slash: what is configured, else this machine
 * when the request came to it by a loopback name, else https and the origin. No other name of a `Host` header counts.
 */
export function publicUrlOf({ origin, signIn }: PublicUrlDeps, ctx: Pick<RequestContext, 'get'>): string {
  if (signIn.publicUrl !== undefined) return signIn.publicUrl;
  const host = ctx.get('Host');
  const local = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined;
  if (local?.host === host && isLoopback(local.hostname)) return local.origin;
  return `https://${origin}`;
}
