import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import { describeError } from '../describe-error.js';
import type { ReadyAnswer, ReadyBlob, Variant } from '../domain/reads/document.js';
import type { Reads } from '../domain/reads/reads.js';
import type { ObjectStore } from '../objects/port.js';
import type { Metrics } from '../observability/metrics.js';
import { parseTraceparent } from '../observability/trace-context.js';
import { noTracer, type Tracer } from '../observability/tracer.js';
import { hasSession } from './cookies.js';
import { COMMON_HEADERS, preparedHeaders } from './hot-headers.js';
import { heldLimit, rateHeaders, READ_COST, takeForAddress, type Rates } from './rate-limit.js';
import { recordRequest } from './record-request.js';
import { requestIdOf } from './request-id.js';
import { decide, type Outcome } from './respond-conditions.js';
import { etagOf, type HeaderList } from './respond-headers.js';
import { linkTo } from './respond-ready.js';
import { PRIVATE } from './respond.js';
import { conditionsOf, variantFor } from './respond-variant.js';
import { recipientOf } from './recipient.js';
import { sendBlob, sendBytes, SLICE_BYTES } from './send-blob.js';

/**
 * Answers what anybody may read and is in memory, before the rest of the service sees the request: no database, no
 * middleware. What it cannot answer it leaves untouched.
 */
export interface HotReads {
  /** Answers the request, or calls `next` with nothing of it touched. */
  handle(request: IncomingMessage, response: ServerResponse, next: () => void): void;
}

export interface HotReadsDeps {
  readonly objects: Pick<ObjectStore, 'presign'>;
  readonly reads: Pick<Reads, 'open' | 'blobs' | 'downloads' | 'outgoing'>;
  readonly rates: Rates;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  readonly log: Logger;
}

type Part = Extract<Outcome, { readonly status: 200 | 206 }>;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly answer: ReadyAnswer;
  readonly startedMs: number;
  readonly requestId: string;
  /** Headers that depend on the request. */
  readonly own: HeaderList;
}

export function createHotReads(deps: HotReadsDeps): HotReads {
  // Every request is to have its span then, and the rest of the service makes it.
  if (deps.tracer !== noTracer)
    return {
      handle: (_request, _response, next) => {
        next();
      },
    };
  const { reads, rates } = deps;
  return {
    handle: (request, response, next) => {
      const answer = request.url === undefined ? undefined : reads.open.find(request.url);
      // Who a namespace is limited to is decided by the rest of the service.
      if (
        !answer ||
        !isPlainRead(request) ||
        isForAnother(answer, request) ||
        heldLimit(rates, request.url ?? '') !== undefined
      ) {
        next();
        return;
      }
      const startedMs = performance.now();
      const variant = variantFor(answer, request.headers['accept-encoding']);
      const sizeBytes = answer.kind === 'blob' ? answer.blob.sizeBytes : (variant?.body.length ?? 0);
      const outcome = decide(conditionsOf(request), etagOf(answer, variant), sizeBytes);
      const verdict = outcome.status === 416 ? undefined : takeForAddress(rates, request, READ_COST);
      // Problems are told in one place.
      if (outcome.status === 416 || verdict?.isAllowed === false) {
        next();
        return;
      }
      const given = request.headers['x-request-id'];
      const requestId = requestIdOf(typeof given === 'string' ? given : '');
      const own = ['X-Request-Id', requestId, ...(verdict ? rateHeaders('address', verdict) : [])];
      const exchange = { request, response, answer, startedMs, requestId, own };
      if (outcome.status === 304) {
        response.writeHead(304, [...preparedHeaders(answer, variant).notModified, ...own]);
        response.end();
        record(deps, exchange, 304);
      } else if (answer.kind === 'blob') sendStored(deps, exchange, answer, outcome, next);
      else if (variant !== undefined) sendDocument(deps, exchange, variant, outcome, next);
    },
  };
}

/** A GET or HEAD without a token, which would have to be looked at, and without a body, which would have to be read. */
function isPlainRead({ method, headers }: IncomingMessage): boolean {
  return (
    (method === 'GET' || method === 'HEAD') &&
    headers.host !== undefined &&
    headers.authorization === undefined &&
    headers['content-length'] === undefined &&
    headers['transfer-encoding'] === undefined
  );
}

/** Who a session belongs to is found out by the rest of the service. */
function isForAnother(answer: ReadyAnswer, { headers }: IncomingMessage): boolean {
  return answer.kind === 'document' && answer.isForStrangers && hasSession(headers.cookie);
}

function sendDocument(
  deps: HotReadsDeps,
  exchange: Exchange,
  variant: Variant,
  part: Part,
  next: () => void,
): void {
  const { body } = variant;
  const start = () => {
    begin(exchange, variant, part, body.length);
  };
  if (exchange.request.method === 'HEAD' || part.end - part.start < SLICE_BYTES) {
    start();
    end(deps, exchange, body, part);
    return;
  }
  const bytes = body.subarray(part.start, part.end + 1);
  follow(deps, exchange, part.status, next, sendBytes(recipientOf(deps, exchange.response), bytes, start));
}

function sendStored(
  deps: HotReadsDeps,
  exchange: Exchange,
  answer: ReadyBlob,
  part: Part,
  next: () => void,
): void {
  const { request, response } = exchange;
  const { blob, versionId } = answer;
  const { blobs, downloads } = deps.reads;
  const start = () => {
    begin(exchange, undefined, part, blob.sizeBytes);
  };
  const countDownload = () => {
    if (part.status === 200 && request.method === 'GET' && versionId !== undefined)
      downloads.count(versionId);
  };
  if (deps.objects.presign && request.method === 'GET') {
    follow(
      deps,
      exchange,
      302,
      next,
      redirect(deps, exchange, answer).then(() => {
        countDownload();
        return true;
      }),
    );
    return;
  }
  const held = blobs.find(blob.digest);
  if (request.method === 'HEAD' || (held && blob.sizeBytes <= SLICE_BYTES)) {
    start();
    end(deps, exchange, held?.bytes, part);
    countDownload();
    return;
  }
  const sent = sendBlob(recipientOf(deps, response), blobs, blob, part, start).then((isTaken) => {
    if (isTaken) countDownload();
    return isTaken;
  });
  follow(deps, exchange, part.status, next, sent);
}

/** Sends the caller to the object store, also for a part. */
async function redirect({ objects }: HotReadsDeps, { response, own }: Exchange, answer: ReadyBlob) {
  const link = await linkTo(objects, answer);
  if (link === undefined) throw new Error('the object store has no links');
  const headers = [
    'Location',
    link,
    'Cache-Control',
    PRIVATE,
    'Content-Length',
    '0',
    ...COMMON_HEADERS,
    ...own,
  ];
  response.writeHead(302, headers);
  response.end();
}

/** Sees to it that an answer that takes its time is recorded when it is over; one that cannot begin is for `next`. */
function follow(
  deps: HotReadsDeps,
  exchange: Exchange,
  status: number,
  next: () => void,
  sent: Promise<boolean>,
): void {
  deps.metrics.inFlight(1);
  sent
    .then(
      (isTaken) => {
        record(deps, exchange, status, !isTaken);
      },
      (error: unknown) => {
        if (exchange.response.headersSent) cutOff(deps, exchange, status, error);
        else next();
      },
    )
    .finally(() => {
      deps.metrics.inFlight(-1);
    });
}

function begin({ response, answer, own }: Exchange, variant: Variant | undefined, part: Part, size: number) {
  const range = part.status === 206 ? ['Content-Range', `bytes ${part.start}-${part.end}/${size}`] : [];
  response.writeHead(part.status, [
    ...preparedHeaders(answer, variant).withContent,
    'Content-Length',
    String(part.end - part.start + 1),
    ...range,
    ...own,
  ]);
}

/** Ends with bytes that are at hand. */
function end(deps: HotReadsDeps, exchange: Exchange, bytes: Buffer | undefined, part: Part): void {
  const { request, response } = exchange;
  if (request.method === 'HEAD') response.end();
  else response.end(part.status === 200 ? bytes : bytes?.subarray(part.start, part.end + 1));
  record(deps, exchange, part.status);
}

/** The answer has begun: cutting the connection is the only honest signal left. */
function cutOff(deps: HotReadsDeps, exchange: Exchange, status: number, error: unknown): void {
  exchange.response.destroy();
  deps.log.error(
    { error: describeError(error), 'request.id': exchange.requestId },
    'a download could not be completed',
  );
  record(deps, exchange, status, true);
}

function record(deps: HotReadsDeps, exchange: Exchange, status: number, isAborted = false): void {
  const { request, answer, startedMs, requestId } = exchange;
  const { traceparent } = request.headers;
  recordRequest(deps, {
    method: request.method ?? '',
    route: answer.route,
    status,
    ms: performance.now() - startedMs,
    requestId,
    traceId: typeof traceparent === 'string' ? parseTraceparent(traceparent)?.traceId : undefined,
    isAborted,
  });
}
