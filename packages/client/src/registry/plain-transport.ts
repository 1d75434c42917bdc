import {
  Agent as HttpAgent,
  request as sendPlain,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as sendSecure } from 'node:https';
import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { readBodyOf } from './plain-body.js';
import type { Transport, TransportAnswer } from './transport.js';

/** How connections are made. */
export interface PlainTransportOptions {
  readonly connectTimeoutMs: number;
  /** Certificates, in PEM, of the authorities that count instead of those that Node trusts. */
  readonly ca: string | undefined;
}

/** A request that has not come to its end. */
interface UnderWay {
  readonly request: ClientRequest;
  readonly reject: (error: Error) => void;
  /** Once its headers are there. */
  response?: IncomingMessage;
}

/** At once to one origin. */
const MAX_CONNECTIONS = 8;
/** A connection that was idle for longer may be closed by the other side just when it is used again. */
const MAX_IDLE_MS = 4_000;

/**
 * Direct connections by way of Node's own `http` and `https`, which a process has in a third of the time that a library of
 * its own would take. Times run out, and connections are cut, with the codes that undici has for it.
 */
export function openPlainTransport({ connectTimeoutMs, ca }: PlainTransportOptions): Transport {
  const underWay = new Set<UnderWay>();
  let isEnded = false;
  let agents: { readonly plain: HttpAgent; secure?: HttpsAgent } | undefined;
  const kept = { keepAlive: true, maxSockets: MAX_CONNECTIONS, timeout: MAX_IDLE_MS };

  const start = (options: Dispatcher.RequestOptions): ClientRequest => {
    const url = new URL(`${String(options.origin)}${options.path}`);
    agents ??= { plain: new HttpAgent(kept) };
    const secure = url.protocol === 'https:';
    const agent = secure
      ? (agents.secure ??= new HttpsAgent({ ...kept, ...(ca !== undefined && { ca }) }))
      : agents.plain;
    const { method, signal } = options;
    const body = bytesOf(options.body);
    const headers = { ...(options.headers as Readonly<Record<string, string>>) };
    if (body !== undefined) headers['content-length'] = String(body.length);
    const request = (secure ? sendSecure : sendPlain)(url, {
      agent,
      method,
      headers,
      ...(signal instanceof AbortSignal && { signal }),
    });
    request.once('socket', (socket) => {
      limitConnecting(request, socket, secure, connectTimeoutMs);
    });
    return request;
  };

  const send = (options: Dispatcher.RequestOptions): Promise<TransportAnswer> =>
    new Promise((resolve, reject) => {
      const request = start(options);
      const entry: UnderWay = { request, reject };
      underWay.add(entry);
      const { headersTimeout, bodyTimeout } = options;
      const silent = after(headersTimeout, () => {
        request.destroy(withCode('UND_ERR_HEADERS_TIMEOUT', 'no headers in time'));
      });
      request.once('close', () => {
        clearTimeout(silent);
        underWay.delete(entry);
      });
      request.on('error', (error) => {
        // The other side had most likely closed the kept connection by then, and in any case a read may be repeated.
        const again = options.method === 'GET' && request.reusedSocket && isCut(error) && !isEnded;
        if (again && entry.response === undefined) send(options).then(resolve, reject);
        else reject(error);
      });
      request.once('response', (response) => {
        clearTimeout(silent);
        entry.response = response;
        const silentBody = (): Error => withCode('UND_ERR_BODY_TIMEOUT', 'nothing more in time');
        resolve({
          statusCode: response.statusCode ?? 0,
          headers: response.headersDistinct,
          body: readBodyOf(response, bodyTimeout ?? 0, silentBody),
          giveUp: () => {
            response.destroy();
          },
        });
      });
      request.end(bytesOf(options.body));
    });

  return {
    request: send,
    destroy() {
      isEnded = true;
      const closed = withCode('UND_ERR_DESTROYED', 'the connections are closed');
      for (const { request, response, reject } of underWay) {
        reject(closed);
        (response ?? request).destroy(closed);
      }
      agents?.plain.destroy();
      agents?.secure?.destroy();
      return Promise.resolve();
    },
  };
}

/** Calls something after so many milliseconds, of which none are no limit. */
function after(ms: number | null | undefined, call: () => void): NodeJS.Timeout | undefined {
  return ms === undefined || ms === null || ms === 0 ? undefined : setTimeout(call, ms);
}

function limitConnecting(request: ClientRequest, socket: Socket, secure: boolean, ms: number): void {
  if (!socket.connecting) return;
  const timer = setTimeout(() => {
    request.destroy(withCode('UND_ERR_CONNECT_TIMEOUT', 'no connection in time'));
  }, ms);
  const stop = (): void => {
    clearTimeout(timer);
  };
  socket.once(secure ? 'secureConnect' : 'connect', stop).once('close', stop);
}

function bytesOf(body: Dispatcher.RequestOptions['body']): Uint8Array | undefined {
  if (typeof body === 'string') return Buffer.from(body);
  return body instanceof Uint8Array ? body : undefined;
}

function isCut(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function withCode(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
