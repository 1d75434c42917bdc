import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that a receiver got. */
export interface Received {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly contentType: string | undefined;
  readonly body: string;
  readonly atMs: number;
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** Requests that were in progress at once, at most. */
  readonly mostAtOnce: () => number;
  /** Instead of answering 204. */
  answer(how: (request: Received, response: ServerResponse) => void): void;
  close(): Promise<void>;
}

/** A receiver of webhooks on this machine. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let now = 0;
  let most = 0;
  let how = (_request: Received, response: ServerResponse): void => {
    response.writeHead(204).end();
  };
  const handle: RequestListener = (request, response) => {
    now += 1;
    most = Math.max(most, now);
    response.on('close', () => {
      now -= 1;
    });
    void readBody(request).then((body) => {
      const header = (name: string) => String(request.headers[name] ?? '');
      const one = {
        id: header('webhook-id'),
        timestamp: header('webhook-timestamp'),
        signature: header('webhook-signature'),
        contentType: request.headers['content-type'],
        body,
        atMs: Date.now(),
      };
      received.push(one);
      how(one, response);
    });
  };
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    mostAtOnce: () => most,
    answer: (next) => {
      how = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * What a receiver does by Standard Webhooks 1.0: decode the secret after `whsec_`, HMAC-SHA256 of `id.timestamp.payload`,
 * compare with each signature of version v1 in constant time, and refuse what is older or newer than five minutes.
 */
export function isGenuine(request: Received, secretText: string, nowMs = Date.now()): boolean {
  const ageSeconds = Math.abs(nowMs / 1000 - Number(request.timestamp));
  if (!/^\d+$/.test(request.timestamp) || ageSeconds > 300) return false;
  const secret = Buffer.from(secretText.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', secret)
    .update(`${request.id}.${request.timestamp}.${request.body}`, 'utf8')
    .digest();
  return request.signature.split(' ').some((versioned) => {
    const [version, signature = ''] = versioned.split(',');
    const bytes = Buffer.from(signature, 'base64');
    return version === 'v1' && bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
}
