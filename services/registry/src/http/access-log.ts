import type { ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { AppDeps } from '../app-deps.js';
import { parseTraceparent, requestIdOfSpan, type TraceContext } from '../observability/trace-context.js';
import { onceEnded } from './connection-end.js';
import type { RegistryMiddleware, RequestContext } from './context.js';
import { recordRequest } from './record-request.js';
import { requestIdOf } from './request-id.js';

type Deps = Pick<AppDeps, 'log' | 'metrics' | 'tracer'>;

/** Gives each request an id and a span, and, when its answer has ended, writes one line about it. */
export function accessLog(deps: Deps): RegistryMiddleware {
  return async (ctx, next) => {
    const startedMs = performance.now();
    const caller = parseTraceparent(ctx.get('traceparent'));
    nameRequest(ctx, requestIdOf(ctx.get('X-Request-Id')));
    ctx.set('X-Content-Type-Options', 'nosniff');
    deps.metrics.inFlight(1);
    onceOver(ctx.res, () => {
      deps.metrics.inFlight(-1);
      recordRequest(deps, {
        method: ctx.method,
        route: ctx.state.route ?? 'none',
        status: ctx.status,
        ms: performance.now() - startedMs,
        requestId: ctx.state.requestId,
        errorCode: ctx.state.errorCode,
        traceId: ctx.state.traceId ?? caller?.traceId,
        isAborted: !ctx.res.writableFinished,
      });
    });
    await traced(deps, ctx as RequestContext, caller, next);
  };
}

/** Calls once when the answer has ended, or its connection has before it could begin. */
function onceOver(response: ServerResponse, call: () => void): void {
  const over = () => {
    forget();
    response.off('close', over);
    call();
  };
  const forget = onceEnded(response.req.socket, over);
  response.on('close', over);
}

function nameRequest(ctx: Pick<RequestContext, 'state' | 'set'>, requestId: string): void {
  ctx.state.requestId = requestId;
  ctx.set('X-Request-Id', requestId);
}

function traced(
  { tracer }: Deps,
  ctx: RequestContext,
  parent: TraceContext | undefined,
  next: () => Promise<unknown>,
): Promise<void> {
  return tracer.span('request', { kind: 'server', parent }, async (span) => {
    if (span) {
      ctx.state.traceId = span.context.traceId;
      if (ctx.get('X-Request-Id') !== ctx.state.requestId) nameRequest(ctx, requestIdOfSpan(span.context));
    }
    await next();
    span?.rename(`${ctx.method} ${ctx.state.route ?? ''}`.trim());
    span?.set({
      'http.request.method': ctx.method,
      'http.response.status_code': ctx.status,
      ...(ctx.state.route !== undefined && { 'http.route': ctx.state.route }),
      'sheaf.request.id': ctx.state.requestId,
      ...(ctx.state.errorCode !== undefined && { 'error.type': ctx.state.errorCode }),
    });
    if (ctx.status >= 500) span?.fail();
  });
}
