import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import type { Networks } from '../../domain/webhooks/addresses.js';
import { WebhookRefusedError, type SendWebhook } from '../../domain/webhooks/send.js';
import { hostOf, isAllowed } from '../../domain/webhooks/url.js';

const CONNECT_TIMEOUT_MS = 5_000;
const TIMEOUT_MS = 10_000;
/** So much of an answer is kept. */
const RESPONSE_BYTES = 1024;
const MAX_HEADER_BYTES = 16 * 1024;
/** To one host, which may be that of many endpoints: a slow one is not to hold up the others. */
const CONNECTIONS = 8;

export interface WebhookSender {
  readonly send: SendWebhook;
  close(): Promise<void>;
}

export interface SenderOptions {
  /** Networks beside the public internet. */
  readonly allow: Networks;
  readonly now: () => number;
  readonly timeoutMs?: number;
  /** Instead of the system's. */
  readonly lookup?: ResolveName;
}

/** Every address of a name, as `dns.lookup` answers with `all`. */
export type ResolveName = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Sends over connections of its own, which are made only to addresses that may be sent to; proxies are not used. */
export function createWebhookSender(options: SenderOptions): WebhookSender {
  const { timeoutMs = TIMEOUT_MS, now } = options;
  const dispatcher = new Agent({
    connect: guardedConnector(options),
    connections: CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: 4_000,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  return {
    send: async ({ url, headers, body }) => {
      const limit = new AbortController();
      const timer = setTimeout(() => {
        limit.abort(new DOMException(`there was no answer within ${timeoutMs} ms`, 'TimeoutError'));
      }, timeoutMs);
      try {
        const answer = await request(url, {
          method: 'POST',
          headers,
          body,
          dispatcher,
          signal: limit.signal,
        });
        return {
          status: answer.statusCode,
          response: await readBeginning(answer.body),
          retryAfterMs: retryAfterOf(answer.headers['retry-after'], now()),
        };
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

/**
 * Looks at the address at the time of connecting, and again at the one that was connected to: whatever a name resolved to
 * before, or resolves to next, is of no account.
 */
function guardedConnector(options: SenderOptions): buildConnector.connector {
  const connectors = { true: connectorFor(true, options), false: connectorFor(false, options) };
  return (target, done) => {
    const isHttp = target.protocol !== 'https:';
    const host = hostOf(target.hostname);
    // For an address that stands in the URL nothing is looked up.
    if (isIP(host) !== 0 && !isAllowed(host, options.allow, isHttp)) {
      done(refusal(host), null);
      return;
    }
    connectors[isHttp ? 'true' : 'false'](target, (...result) => {
      const [error, socket] = result;
      const address = socket?.remoteAddress;
      if (error !== null || (address !== undefined && isAllowed(address, options.allow, isHttp))) {
        done(...result);
        return;
      }
      socket.destroy();
      done(refusal(address ?? host), null);
    });
  };
}

function connectorFor(isHttp: boolean, { allow, lookup = systemLookup }: SenderOptions) {
  return buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    lookup: (hostname, options, done) => {
      lookup(hostname, { ...options, all: true }, (error, addresses) => {
        if (error !== null) {
          done(error, []);
          return;
        }
        const wrong = addresses.find(({ address }) => !isAllowed(address, allow, isHttp));
        const [first] = addresses;
        // One that may not be sent to spoils the others: which of them is connected to is not ours to choose.
        if (wrong) done(refusal(wrong.address), []);
        else if (!first) done(new Error(`${hostname} has no address`), []);
        else if (options.all === true) done(null, addresses);
        else done(null, first.address, first.family);
      });
    },
  });
}

function refusal(address: string): WebhookRefusedError {
  return new WebhookRefusedError(`nothing is sent to ${address}`);
}

async function readBeginning(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop ends the connection, so that an endless answer costs nothing.
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= RESPONSE_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, RESPONSE_BYTES);
}

/** Seconds, or a date (RFC 9110 §10.2.3). */
function retryAfterOf(header: string | string[] | undefined, nowMs: number): number | undefined {
  const text = typeof header === 'string' ? header.trim() : '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const atMs = text.length > 40 ? Number.NaN : Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
