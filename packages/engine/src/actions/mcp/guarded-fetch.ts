import { lookup } from 'node:dns/promises';
import type { Readable } from 'node:stream';
import { guardedLookup } from '../http/guarded-lookup.js';
import type { AllowedHost } from '../http/hosts.js';
import { MAX_STREAM_BYTES } from './limits.js';

export interface GuardedFetch {
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  /** Answers of requests that are still being read; a call without any gets no answer. */
  readonly openAnswers: () => number;
  readonly close: () => Promise<void>;
}

/** Statuses whose answer has no body. */
const EMPTY = new Set([101, 204, 205, 304]);

/**
 * `fetch` for one server: connects only to the addresses that were checked, without proxies, follows nothing by itself, and stops at
 * answers that are too large. `timeoutMs` is until an answer begins.
 */
export async function guardedFetch(host: AllowedHost, timeoutMs: number): Promise<GuardedFetch> {
  const { Agent } = await import('undici');
  const agent = new Agent({
    connect: {
      lookup: guardedLookup((hostname) => lookup(hostname, { all: true }), host),
      timeout: Math.min(timeoutMs, 10_000),
    },
    maxHeaderSize: 65_536,
    headersTimeout: timeoutMs,
    bodyTimeout: 0,
  });
  let open = 0;
  return {
    fetch: async (given, init = {}) => {
      const url = new URL(given);
      const method = init.method ?? 'GET';
      const response = await agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: method,
        headers: Object.fromEntries(new Headers(init.headers)),
        body: typeof init.body === 'string' ? init.body : null,
        ...(init.signal === undefined || init.signal === null ? {} : { signal: init.signal }),
      });
      const headers = new Headers();
      for (const [name, value] of Object.entries(response.headers)) {
        for (const one of Array.isArray(value) ? value : [value])
          if (one !== undefined) headers.append(name, one);
      }
      const isAnswer = method === 'POST';
      if (isAnswer) open += 1;
      let isOpen = true;
      const onEnd = (): void => {
        if (isAnswer && isOpen) open -= 1;
        isOpen = false;
      };
      const { statusCode: status } = response;
      const body = limitedStream(response.body, onEnd);
      if (!EMPTY.has(status)) return new Response(body, { status, headers });
      await body.cancel();
      return new Response(null, { status, headers });
    },
    openAnswers: () => open,
    close: () => agent.destroy(),
  };
}

/** A body that stops when it is too large, or when nobody wants it any more. */
function limitedStream(body: Readable, onEnd: () => void): ReadableStream<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  let size = 0;
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const next = await chunks.next();
        if (next.done === true) {
          onEnd();
          controller.close();
          return;
        }
        const bytes = next.value as Uint8Array;
        size += bytes.length;
        if (size > MAX_STREAM_BYTES) throw new Error(`an answer of more than ${MAX_STREAM_BYTES} bytes`);
        controller.enqueue(new Uint8Array(bytes));
      } catch (error) {
        onEnd();
        body.destroy();
        throw error;
      }
    },
    cancel: () => {
      onEnd();
      body.destroy();
    },
  });
}
