import { lookup } from 'node:dns/promises';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { promisify } from 'node:util';
import { ActionError } from '../action-error.js';
import type { OutgoingRequest } from './build-request.js';
import { guardedLookup, type Resolve } from './guarded-lookup.js';
import type { AllowedHost } from './hosts.js';

/** What a server answered. */
export interface Answer {
  readonly status: number;
  /** By name in lower case; several of one name with commas between them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface ExchangeLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export type Exchange = (
  request: OutgoingRequest,
  host: AllowedHost,
  limits: ExchangeLimits,
) => Promise<Answer>;

const DECODERS: Readonly<
  Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>>
> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

const resolveAll: Resolve = (hostname) => lookup(hostname, { all: true });

/** One request on a connection of its own, without proxies and redirections. Throws what the network throws, or ActionError. */
export const exchange: Exchange = async (request, host, limits) => {
  const { Agent } = await import('undici');
  const agent = new Agent({
    connect: { lookup: guardedLookup(resolveAll, host), timeout: Math.min(limits.timeoutMs, 10_000) },
    maxHeaderSize: 65_536,
    pipelining: 0,
  });
  try {
    const response = await agent.request({
      origin: request.url.origin,
      path: `${request.url.pathname}${request.url.search}`,
      method: request.method,
      headers: request.headers,
      body: request.body ?? null,
      signal: AbortSignal.any([limits.signal, AbortSignal.timeout(limits.timeoutMs)]),
      headersTimeout: limits.timeoutMs,
      bodyTimeout: limits.timeoutMs,
    });
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      const bytes = chunk as Uint8Array;
      size += bytes.length;
      if (size > limits.maxBytes) throw tooLarge(limits.maxBytes);
      chunks.push(bytes);
    }
    const headers = flatten(response.headers);
    const body = await decode(Buffer.concat(chunks), headers['content-encoding'], limits.maxBytes);
    return { status: response.statusCode, headers, body };
  } finally {
    await agent.destroy();
  }
};

async function decode(bytes: Buffer, encoding: string | undefined, maxBytes: number): Promise<Uint8Array> {
  const name = encoding?.trim().toLowerCase() ?? '';
  const decoder = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
  if (decoder === undefined || bytes.length === 0) return bytes;
  try {
    return await decoder(bytes, { maxOutputLength: Math.max(1, maxBytes) });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(maxBytes);
    throw new ActionError('http.failed', `the body is not what its content-encoding ${name} says`, { cause });
  }
}

function flatten(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Readonly<Record<string, string>> {
  const flat = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

export function tooLarge(maxBytes: number): ActionError {
  return new ActionError('http.too_large', `the body is larger than ${maxBytes} bytes`, {
    hint: 'raise max_bytes, and save it to a file where it is larger than 1 MiB',
  });
}
