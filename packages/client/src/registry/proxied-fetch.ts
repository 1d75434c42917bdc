import { ClientError } from '../errors.js';
import { openConnections } from './connections.js';
import type { Proxies } from './proxies.js';

/** A small `fetch` for other libraries, and its connections. */
export interface ProxiedFetch {
  /** As the global `fetch`, as far as {@link FetchInit} goes. */
  readonly fetch: (url: string | URL, init?: FetchInit) => Promise<Response>;
  /** Ends all connections; what is still under way fails. */
  readonly close: () => Promise<void>;
}

/** What of the options of `fetch` counts. Redirects are never followed. */
export interface FetchInit {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  readonly redirect?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How {@link openFetch} reaches others. */
export interface ProxiedFetchOptions {
  readonly proxies: Proxies;
  /** For a connection, and for each silence. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Certificates, in PEM, of the authorities that count instead of those that Node trusts. */
  readonly ca?: string | undefined;
}

const MAX_BYTES = 4 * 1024 * 1024;

/**
 * A `fetch` that reaches https addresses through the proxies of the environment, as the client of a registry does. An
 * http address, which only this machine may have, is reached directly. Bodies are texts, forms or bytes on the way
 * out, and at most 4 MiB on the way in.
 */
export function openFetch({ proxies, timeoutMs = 10_000, ca }: ProxiedFetchOptions): ProxiedFetch {
  const connections = openConnections({
    ...{ url: 'https://unpinned.invalid', timeoutMs, spkiPins: [], proxies },
    ca,
    transport: 'node',
  });
  return {
    fetch: async (address, { method = 'GET', headers = {}, body, signal } = {}) => {
      const url = new URL(address);
      const { dispatcher } = connections.routeTo(url);
      const answer = await dispatcher.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        headers,
        body: encodeBody(body),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        ...(signal === undefined ? {} : { signal }),
      });
      const bytes = await readCapped(answer.body, url);
      return new Response(isWithoutBody(answer.statusCode) ? null : bytes, {
        status: answer.statusCode,
        headers: pairsOf(answer.headers),
      });
    },
    close: () => connections.close(),
  };
}

function encodeBody(body: unknown): string | Uint8Array | null {
  if (body === undefined || body === null) return null;
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError('only texts, forms and bytes are sent');
}

async function readCapped(body: AsyncIterable<Uint8Array>, { host }: URL): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BYTES)
      throw new ClientError('response.too_large', `${host} answered with more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isWithoutBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

function pairsOf(headers: Readonly<Record<string, string | string[] | undefined>>): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    (value === undefined ? [] : [value].flat()).map((each): [string, string] => [name, each]),
  );
}
