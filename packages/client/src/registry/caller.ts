import type { Static, TSchema } from '@sinclair/typebox';
import { ClientError } from '../errors.js';
import { readWith, type Access } from './access.js';
import type { Http, HttpRequest } from './exchange.js';
import { exchangeWhole } from './http.js';
import { readJson } from './json.js';
import { withRetries, type RetryDeps, type RetryNotice } from './retry.js';

export const JSON_TYPE = 'application/json';
export const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;
export const ANY_TYPE = '*/*';

/** What every call takes. */
export interface CallOptions {
  /** Ends the call with `operation.cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** Told before each pause of this call; `RegistryClientOptions.onRetry` is told as well. */
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** What a read takes: it is anonymous first unless it says otherwise. */
export interface GetOptions extends CallOptions {
  readonly access?: Access | undefined;
}

/** A request whose answer is small enough to be taken whole. */
interface SendRequest extends Pick<HttpRequest, 'method' | 'path' | 'accept' | 'body'> {
  readonly maxBytes: number;
  /** Whether sending it twice does what sending it once does. */
  readonly idempotent: boolean;
  readonly authenticate?: boolean;
}

interface JsonRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly json?: unknown;
}

/** What {@link createCaller} makes. */
export type Caller = ReturnType<typeof createCaller>;

/** Requests to one registry, with retries for what may be repeated and a checked form for what comes back. */
export function createCaller(http: Http, retry: RetryDeps) {
  const send = async (request: SendRequest, options: CallOptions = {}): Promise<Answer> => {
    const { idempotent, authenticate = true, ...rest } = request;
    const response = await withRetries(retry, { idempotent, ...options }, () =>
      exchangeWhole(http, { ...rest, authenticate, signal: options.signal }),
    );
    expectType(response.headers['content-type'], request.accept, http.url);
    return response;
  };
  const get = (path: string, accept: string, maxBytes: number, options: GetOptions = {}) =>
    readWith(
      options.access ?? 'anonymous-first',
      () => http.tokens.get(options.signal),
      (authenticate) =>
        send({ method: 'GET', path, accept, maxBytes, idempotent: true, authenticate }, options),
    );
  const getJson = async <T extends TSchema>(
    schema: T,
    path: string,
    options?: GetOptions,
  ): Promise<Static<T>> =>
    readJson(schema, (await get(path, JSON_TYPE, MAX_DOCUMENT_BYTES, options)).body, http.url);
  const sendJson = async <T extends TSchema>(
    schema: T,
    { method, path, json }: JsonRequest,
    options?: CallOptions,
  ): Promise<{ readonly status: number; readonly value: Static<T> }> => {
    const body =
      json === undefined
        ? {}
        : { body: { contentType: JSON_TYPE, bytes: Buffer.from(JSON.stringify(json)) } };
    const { status, body: answer } = await send(
      {
        method,
        path,
        accept: JSON_TYPE,
        maxBytes: MAX_DOCUMENT_BYTES,
        idempotent: method !== 'POST',
        ...body,
      },
      options,
    );
    return { status, value: readJson(schema, answer, http.url) };
  };
  return { send, get, getJson, sendJson };
}

/** A captive portal or a web page answers 200 with something else: say so rather than fail later and oddly. */
function expectType(actual: string | undefined, expected: string, url: string): void {
  if (expected === ANY_TYPE || actual?.split(';')[0]?.trim().toLowerCase() === expected) return;
  throw new ClientError('response.invalid', `the registry at ${url} did not answer with ${expected}`, {
    hint: 'check that the address is that of a sheaf registry',
  });
}
