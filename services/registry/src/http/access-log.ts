import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { RegistryMiddleware } from './context.js';

const CLIENT_REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** Gives each request an id (the caller's `X-Request-Id` when it is well formed) and writes one line about it. */
export function accessLog(log: Logger, now: () => number): RegistryMiddleware {
  return async (ctx, next) => {
    const startedMs = now();
    const given = ctx.get('X-Request-Id');
    ctx.state.requestId = CLIENT_REQUEST_ID.test(given) ? given : randomUUID();
    ctx.set('X-Request-Id', ctx.state.requestId);
    ctx.set('X-Content-Type-Options', 'nosniff');
    await next();
    log.info({
      'http.method': ctx.method,
      'http.route': ctx.state.route ?? 'none',
      'http.status': ctx.status,
      duration_ms: Math.round((now() - startedMs) * 10) / 10,
      'request.id': ctx.state.requestId,
      ...(ctx.state.errorCode !== undefined && { 'error.code': ctx.state.errorCode }),
    });
  };
}
