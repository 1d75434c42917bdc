import { RegistryError } from '../domain/error.js';
import type { RequestContext } from './context.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a write that a browser sends with its cookie from a page of another site, or that does not say where it comes
 * from: `Sec-Fetch-Site`, where the browser sends it, else `Origin`, must name this very origin.
 *
 * @throws RegistryError `auth.cross_site`
 */
export function assertSameOrigin(ctx: Pick<RequestContext, 'get' | 'method'>, publicUrl: string): void {
  if (SAFE_METHODS.has(ctx.method)) return;
  const site = ctx.get('Sec-Fetch-Site');
  const isSame = site === '' ? ctx.get('Origin') === new URL(publicUrl).origin : site === 'same-origin';
  if (!isSame) throw new RegistryError('auth.cross_site', 'a page of another site sent this request');
}
