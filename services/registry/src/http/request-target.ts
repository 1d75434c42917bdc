import { RegistryError } from '../domain/error.js';
import type { RegistryMiddleware } from './context.js';

/** Refuses a request target in absolute form that is no URL (RFC 9112 §3.2.2), before anything takes it apart. */
export function assertTarget(): RegistryMiddleware {
  return async (ctx, next) => {
    const target = ctx.req.url ?? '';
    if (!target.startsWith('/') && target !== '*' && !URL.canParse(target))
      throw new RegistryError('request.invalid', 'the request target is not a URL');
    await next();
  };
}
