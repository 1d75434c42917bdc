import type { Tokens } from '../token-provider.js';
import type { Connections, Route } from './connections.js';
import { networkError } from './network-error.js';
import { forwardError, refusedBy } from './proxy-error.js';
import type { TransportAnswer } from './transport.js';

/** What requests to one registry share. */
export interface Http {
  /** Normalised URL of the registry. */
  readonly url: string;
  /** Connections, opened when the first request needs them. */
  readonly routeTo: Connections['routeTo'];
  readonly tokens: Tokens;
  /** The `traceparent` of the next request to the registry itself. */
  readonly nextTraceparent?: () => string;
  /** For a whole small exchange, and for each silence of a download. */
  readonly timeoutMs: number;
  readonly nowMs: () => number;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the registry's URL. */
  readonly path: string;
  readonly accept: string;
  /** Whether the token goes along. */
  readonly authenticate: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly contentType: string; readonly bytes: Uint8Array };
  /** Whether a GET may be sent on to another origin, without the token. */
  readonly foreignRedirects?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** An answer whose headers have arrived: its body is either read to the end, or left early, or discarded. */
export interface OpenResponse {
  readonly status: number;
  /** Lower-case names; of repeated headers the first value. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Gives the connection up, for a body that nobody will read. */
  readonly discard: () => void;
}

/**
 * Sends one request over the connection that leads to its address, and returns once the headers are there.
 *
 * @throws ClientError `network.*`, `proxy.*`, `tls.*`, `operation.cancelled`
 */
export async function exchange(
  http: Http,
  request: HttpRequest,
  url: URL,
  ownHeaders: Readonly<Record<string, string>>,
): Promise<OpenResponse> {
  const { signal } = request;
  let route: Route | undefined;
  try {
    signal?.throwIfAborted();
    route = http.routeTo(url);
    const sent = route.dispatcher.request({
      ...placeOf(route, url),
      method: request.method,
      headers: {
        ...headersFor(route, url),
        accept: `${request.accept}, application/problem+json`,
        ...request.headers,
        ...ownHeaders,
        ...(request.body === undefined ? {} : { 'content-type': request.body.contentType }),
      },
      body: request.body?.bytes ?? null,
      headersTimeout: limitMs(http, request.body?.bytes.length ?? 0),
      bodyTimeout: http.timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
    const answer = await orAborted(sent, signal);
    if (route.forward !== undefined && answer.statusCode === 407) {
      answer.giveUp();
      throw refusedBy(route.forward, 407, url.host);
    }
    const headers = firstValues(answer.headers);
    return {
      status: answer.statusCode,
      headers,
      chunks: readChunks(answer, { url: http.url, signal }),
      discard: answer.giveUp,
    };
  } catch (error) {
    const known = route?.forward === undefined ? undefined : forwardError(route.forward, error);
    throw known ?? networkError(error, { url: http.url, signal });
  }
}

/** What was sent while a connection is still being made knows of no signal: the caller does not wait for it. */
async function orAborted(
  sent: Promise<TransportAnswer>,
  signal: AbortSignal | undefined,
): Promise<TransportAnswer> {
  if (signal === undefined) return sent;
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(new DOMException('aborted', 'AbortError'));
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([sent, aborted]);
  } catch (error) {
    // It may be answered all the same.
    sent.then(
      (answer) => {
        answer.giveUp();
      },
      () => undefined,
    );
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Where the request goes: what a proxy forwards names the whole address (RFC 9112 §3.2.2). */
function placeOf({ forward }: Route, url: URL): { readonly origin: string; readonly path: string } {
  const path = `${url.pathname}${url.search}`;
  return forward === undefined
    ? { origin: url.origin, path }
    : { origin: forward.origin, path: `${url.origin}${path}` };
}

function headersFor({ forward }: Route, url: URL): Record<string, string> {
  if (forward === undefined) return {};
  const { authorization } = forward;
  return {
    host: url.host,
    ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
  };
}

/** The time limit, longer for what there is to transfer: even 32 KiB a second is fast enough. */
export function limitMs(http: Pick<Http, 'timeoutMs'>, sizeBytes: number): number {
  return http.timeoutMs + Math.ceil(sizeBytes / 32);
}

async function* readChunks(
  { body, giveUp }: TransportAnswer,
  from: { readonly url: string; readonly signal: AbortSignal | undefined },
): AsyncIterable<Uint8Array> {
  let ended = false;
  try {
    for await (const chunk of body) yield chunk;
    ended = true;
  } catch (error) {
    ended = true;
    throw networkError(error, from);
  } finally {
    // Left early: the rest is not wanted, so the connection is given up rather than drained.
    if (!ended) giveUp();
  }
}

function firstValues(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | undefined> {
  const first = Object.create(null) as Record<string, string | undefined>;
  for (const [name, value] of Object.entries(headers)) {
    first[name] = typeof value === 'string' ? value : value?.[0];
  }
  return first;
}
