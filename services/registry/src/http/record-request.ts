import type { Logger } from 'pino';
import type { Metrics } from '../observability/metrics.js';

/** What is kept of a request: never its query, its body, a token, or who sent it. */
export interface RequestRecord {
  readonly method: string;
  /** The pattern of the route; `none` when no route took it. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  readonly requestId: string;
  readonly errorCode?: string | undefined;
  readonly traceId?: string | undefined;
  /** The caller went away before the answer had ended. */
  readonly isAborted?: boolean;
}

/** Writes the one line of the access log about a request, and counts it. */
export function recordRequest(
  { log, metrics }: { log: Logger; metrics: Metrics },
  request: RequestRecord,
): void {
  metrics.request(request);
  log.info({
    'http.method': request.method.slice(0, 16),
    'http.route': request.route,
    'http.status': request.status,
    duration_ms: Math.round(request.ms * 10) / 10,
    'request.id': request.requestId,
    ...(request.errorCode !== undefined && { 'error.code': request.errorCode }),
    ...(request.traceId !== undefined && { 'trace.id': request.traceId }),
    ...(request.isAborted === true && { 'http.aborted': true }),
  });
}
