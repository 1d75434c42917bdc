import { RegistryError } from '../domain/error.js';
import type { RegistryMiddleware } from './context.js';

/**
 * Refuses, before anything takes it apart, a request target in absolute form that is no URL (RFC 9112 §3.2.2), and a
 * request that does not say which host it is for (§3.2): Node would answer that without a word.
 */
export function assertTarget(): RegistryMiddleware {
  return async (ctx, next) => {
    if (ctx.req.headers.host === undefined && ctx.req.httpVersion === '1.1')
      throw new RegistryError('request.invalid', 'the Host header is missing');
    if (!isTarget(ctx.req.url ?? ''))
      throw new RegistryError('request.invalid', 'the request target is not a URL');
    await next();
  };
}

/** Whether a request target can be taken apart. */
export function isTarget(target: string): boolean {
  return target.startsWith('/') || target === '*' || URL.canParse(target);
}
