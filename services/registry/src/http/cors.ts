import type { RegistryMiddleware } from './context.js';
import { DATA_POLICY, EXPOSED_HEADERS } from './respond-headers.js';

/** Headers of a request that a script of another origin may set: those of reads, never a token. */
const ALLOWED_HEADERS = 'Accept, If-None-Match, If-Range, Range, Traceparent, X-Request-Id';
const PREFLIGHT_SECONDS = 86_400;

/**
 * Lets scripts of every origin read what anybody may read, and nothing else: answers to a request without a token say so,
 * and a preflight is answered for GET and HEAD alone. Browsers then refuse writes, and reads with a token, by themselves.
 */
export function shareReads(): RegistryMiddleware {
  return async (ctx, next) => {
    ctx.set('Content-Security-Policy', DATA_POLICY);
    // Metrics are for this machine, and a page that is shown on it is not meant.
    if (ctx.path === '/metrics') {
      await next();
      return;
    }
    if (ctx.method === 'OPTIONS' && answerPreflight(ctx)) return;
    if ((ctx.method === 'GET' || ctx.method === 'HEAD') && ctx.get('Authorization') === '') {
      ctx.set('Access-Control-Allow-Origin', '*');
      ctx.set('Access-Control-Expose-Headers', EXPOSED_HEADERS);
    }
    await next();
  };
}

function answerPreflight(ctx: Parameters<RegistryMiddleware>[0]): boolean {
  const method = ctx.get('Access-Control-Request-Method');
  if (method !== 'GET' && method !== 'HEAD') return false;
  ctx.set('Access-Control-Allow-Origin', '*');
  ctx.set('Access-Control-Allow-Methods', 'GET, HEAD');
  ctx.set('Access-Control-Allow-Headers', ALLOWED_HEADERS);
  ctx.set('Access-Control-Max-Age', String(PREFLIGHT_SECONDS));
  ctx.status = 204;
  return true;
}
