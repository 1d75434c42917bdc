import { ClientError } from '../errors.js';
import { exchange, limitMs, type Http, type HttpRequest, type OpenResponse } from './exchange.js';
import { readProblem } from './problem.js';
import { isLoopback } from './url.js';

const MAX_REDIRECTS = 5;
const MAX_PROBLEM_BYTES = 1024 * 1024;

/**
 * Sends a request and returns once the headers are there.
 *
 * @throws ClientError `network.*`, `operation.cancelled`, `response.*`, or the code of the problem that the registry answered
 */
export async function open(http: Http, request: HttpRequest): Promise<OpenResponse> {
  const { signal } = request;
  const token = request.authenticate ? await http.tokens.get(signal) : undefined;
  const first = await follow(http, request, token);
  const response =
    first.status === 401 && first.isOwn && token !== undefined
      ? await sendAgain(http, request, first, token)
      : first;
  if (response.status >= 400) throw await readFailure(http, response);
  return response;
}

/** The answer to the same request with a renewed token; the first answer when there is no other token. */
async function sendAgain(
  http: Http,
  request: HttpRequest,
  first: OpenResponse,
  rejected: string,
): Promise<OpenResponse> {
  let fresh: string | undefined;
  try {
    fresh = await http.tokens.renew(rejected, request.signal);
  } catch (error) {
    first.discard();
    throw error;
  }
  if (fresh === undefined) return first;
  first.discard();
  return follow(http, request, fresh);
}

/** Sends a request, also to where it is redirected; `isOwn` says whether the registry's own origin has answered. */
async function follow(
  http: Http,
  request: HttpRequest,
  token: string | undefined,
): Promise<OpenResponse & { readonly isOwn: boolean }> {
  let url = new URL(http.url + request.path);
  const origin = url.origin;
  const deadline = AbortSignal.timeout(request.timeLimitMs);
  const own = {
    ...(token === undefined ? {} : authorizationFor(token, url)),
    ...(http.nextTraceparent && { traceparent: http.nextTraceparent() }),
  };
  for (let redirects = 0; ; redirects++) {
    const isOwn = url.origin === origin;
    const response = await exchange(http, request, { url, headers: isOwn ? own : {}, deadline });
    if (response.status < 300 || response.status === 304 || response.status >= 400)
      return { ...response, isOwn };
    response.discard();
    url = followRedirect(request, url, response, redirects);
  }
}

/** {@link open}, and the whole body, of at most `maxBytes` bytes and within the time limit. */
export async function exchangeWhole(
  http: Http,
  request: Omit<HttpRequest, 'timeLimitMs'> & { readonly maxBytes: number },
): Promise<OpenResponse & { readonly body: Uint8Array }> {
  const timeLimitMs = limitMs(http, request.body?.bytes.length ?? 0);
  const response = await open(http, { ...request, timeLimitMs });
  return { ...response, body: await readBody(response, request.maxBytes, http.url) };
}

async function readBody(response: OpenResponse, maxBytes: number, url: string): Promise<Uint8Array> {
  const encoding = response.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    response.discard();
    throw new ClientError(
      'response.invalid',
      `the registry at ${url} sent a content encoding that was not asked for`,
    );
  }
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) {
      throw new ClientError(
        'response.too_large',
        `the registry at ${url} answered with more than ${maxBytes} bytes`,
        {
          hint: 'check that the address is that of a sheaf registry',
        },
      );
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

async function readFailure(http: Http, response: OpenResponse): Promise<ClientError> {
  const body = await readBody(response, MAX_PROBLEM_BYTES, http.url);
  return readProblem({ ...response, body }, http.url, http.nowMs());
}

function followRedirect(request: HttpRequest, from: URL, response: OpenResponse, redirects: number): URL {
  const location = response.headers['location'];
  const to =
    location !== undefined && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const refuse = (why: string) =>
    new ClientError('network.redirect', `a redirect of ${from.origin} was not followed: ${why}`, {
      hint: 'use the address that the registry redirects to, if you trust it',
    });
  if (to === undefined || (to.protocol !== 'https:' && to.protocol !== 'http:'))
    throw refuse('it leads nowhere');
  if (redirects >= MAX_REDIRECTS) throw refuse(`more than ${MAX_REDIRECTS} in a row`);
  if (request.method !== 'GET') throw refuse('only reads are sent on');
  if (from.protocol === 'https:' && to.protocol === 'http:') throw refuse('it leads from https to http');
  if (to.origin !== from.origin && request.foreignRedirects !== true)
    throw refuse('it leads to another host');
  return to;
}

function authorizationFor(token: string, url: URL): Readonly<Record<string, string>> {
  if (url.protocol === 'http:' && !isLoopback(url)) {
    throw new ClientError(
      'network.insecure',
      `refusing to send the token to ${url.origin} without encryption`,
      {
        hint: 'use https, or sign out to read what is public',
      },
    );
  }
  if (!/^[\x21-\x7e]{1,8192}$/.test(token)) {
    throw new ClientError('auth.token_invalid', 'the token holds characters that no token has', {
      hint: 'copy it again, without spaces or line breaks',
    });
  }
  return { authorization: `Bearer ${token}` };
}
