import { tilePath } from '@sheaf/bundle';
import type { Static, TSchema } from '@sinclair/typebox';
import { routes } from '../contract/index.js';
import { ClientError, isClientError } from '../errors.js';
import { exchangeWhole, type Http, type HttpRequest } from './http.js';
import { readJson } from './json.js';
import { withRetries, type RetryDeps } from './retry.js';

export const JSON_TYPE = 'application/json';
export const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;
const ANY_TYPE = '*/*';
const FULL_TILE = 256;
const HASH_BYTES = 32;

/** What every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

type GetOptions = CallOptions & { readonly authenticate?: boolean };

/** A request whose answer is small enough to be taken whole. */
interface SendRequest extends Pick<HttpRequest, 'method' | 'path' | 'accept' | 'body'> {
  readonly maxBytes: number;
  /** Whether sending it twice does what sending it once does. */
  readonly idempotent: boolean;
  readonly authenticate?: boolean;
}

interface JsonRequest {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly json?: unknown;
}

/** Requests to one registry, with retries for what may be repeated and a checked form for what comes back. */
export function createCaller(http: Http, retry: RetryDeps) {
  const send = async (request: SendRequest, options: CallOptions = {}): Promise<Answer> => {
    const { idempotent, authenticate = true, ...rest } = request;
    const response = await withRetries(retry, { idempotent, signal: options.signal }, () =>
      exchangeWhole(http, { ...rest, authenticate, signal: options.signal }),
    );
    expectType(response.headers['content-type'], request.accept, http.url);
    return response;
  };
  const get = (path: string, accept: string, maxBytes: number, options: GetOptions = {}) =>
    send(
      { method: 'GET', path, accept, maxBytes, idempotent: true, authenticate: options.authenticate ?? true },
      options,
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

/** A partial tile may be gone once the full one exists (C2SP tlog-tiles, "Partial Tiles"); its hashes begin that one. */
export async function getTile(
  call: ReturnType<typeof createCaller>,
  tile: { readonly level: number; readonly index: number; readonly width: number },
  options: CallOptions = {},
): Promise<Uint8Array> {
  const load = async (width: number) => {
    const path = routes.tile('public', tilePath(tile.level, tile.index, width));
    const { body } = await call.get(path, ANY_TYPE, FULL_TILE * HASH_BYTES, {
      ...options,
      authenticate: false,
    });
    return body;
  };
  try {
    return await load(tile.width);
  } catch (error) {
    if (tile.width === FULL_TILE || !isClientError(error, 'tile.not_found')) throw error;
    return (await load(FULL_TILE)).subarray(0, tile.width * HASH_BYTES);
  }
}
