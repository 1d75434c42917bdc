import { closed } from '../cancelled.js';
import type { Tokens } from '../token-provider.js';
import type { Connections, Route } from './connections.js';
import { networkError, type ExchangeEnds } from './network-error.js';
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
  /** Aborted once the client is closed. */
  readonly closed: AbortSignal;
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
  /** For the whole of it, from when the token is there. */
  readonly timeLimitMs: number;
  /** The caller's. */
  readonly signal?: AbortSignal | undefined;
}

/** One of the exchanges that a request may take. */
export interface Sending {
  readonly url: URL;
  /** Those for the registry's own origin. */
  readonly headers: Readonly<Record<string, string>>;
  /** When it has to be over, its redirects included. */
  readonly deadline: AbortSignal;
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
  { url, headers: ownHeaders, deadline }: Sending,
): Promise<OpenResponse> {
  const ends: ExchangeEnds = { url: http.url, signal: request.signal, closed: http.closed, deadline };
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  let route: Route | undefined;
  try {
    signal.throwIfAborted();
    if (http.closed.aborted) throw closed();
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
      signal,
    });
    const answer = await orAborted(sent, [signal, http.closed]);
    if (route.forward !== undefined && answer.statusCode === 407) {
      answer.giveUp();
      throw refusedBy(route.forward, 407, url.host);
    }
    const headers = firstValues(answer.headers);
    return {
      status: answer.statusCode,
      headers,
      chunks: readChunks(answer, ends),
      discard: answer.giveUp,
    };
  } catch (error) {
    const isLeft = signal.aborted || http.closed.aborted;
    const known = route?.forward === undefined || isLeft ? undefined : forwardError(route.forward, error);
    throw known ?? networkError(error, ends);
  }
}

/** What was sent while a connection is still being made knows of no signal: the caller does not wait for it. */
async function orAborted(
  sent: Promise<TransportAnswer>,
  signals: readonly AbortSignal[],
): Promise<TransportAnswer> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(new DOMException('aborted', 'AbortError'));
    };
    for (const signal of signals) signal.addEventListener('abort', stop, { once: true });
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
    for (const signal of signals) signal.removeEventListener('abort', stop);
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

async function* readChunks({ body, giveUp }: TransportAnswer, ends: ExchangeEnds): AsyncIterable<Uint8Array> {
  let ended = false;
  try {
    for await (const chunk of body) {
      // Connections that were given are not closed with the client.
      if (ends.closed.aborted) throw closed();
      yield chunk;
    }
    ended = true;
  } catch (error) {
    ended = !ends.closed.aborted;
    throw networkError(error, ends);
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
