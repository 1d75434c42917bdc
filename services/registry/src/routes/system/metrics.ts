import { createHash, timingSafeEqual } from 'node:crypto';
import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import type { Handler, RequestContext } from '../../http/context.js';
import { METRICS_CONTENT_TYPE } from '../../observability/content-type.js';

/**
 * `GET /metrics`: Prometheus text. For callers on this machine that come straight, without a proxy, and for whoever
 * sends the token of `SHEAF_METRICS_TOKEN`.
 */
export function showMetrics({ operations }: Pick<AppDeps, 'operations'>): Handler {
  return async (ctx) => {
    if (!isLocal(ctx) && !hasToken(ctx, operations.metricsToken))
      throw new RegistryError('metrics.refused', 'metrics are not open to this caller');
    ctx.body = await operations.scrape();
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Content-Type', METRICS_CONTENT_TYPE);
  };
}

const LOOPBACK = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|::ffff:127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/;
/** A name of elsewhere that leads here is somebody's try to have a browser read them. */
const LOCAL_HOST = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/i;
/** A proxy on this machine makes everybody's address its own; these headers give it away. */
const PROXY_HEADERS = ['X-Forwarded-For', 'Forwarded', 'Via', 'X-Real-IP', 'X-Forwarded-Host'] as const;

function isLocal(ctx: RequestContext): boolean {
  return (
    LOOPBACK.test(ctx.req.socket.remoteAddress ?? '') &&
    LOCAL_HOST.test(ctx.get('Host')) &&
    PROXY_HEADERS.every((name) => ctx.get(name) === '')
  );
}

function hasToken(ctx: RequestContext, token: string | undefined): boolean {
  if (token === undefined) return false;
  const given = /^Bearer ([\x21-\x7e]{1,256})$/i.exec(ctx.get('Authorization'))?.[1] ?? '';
  return timingSafeEqual(sha256(given), sha256(token));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
