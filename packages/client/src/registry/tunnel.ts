import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ClientError } from '../errors.js';
import type { Proxy } from './proxies.js';
import { refusedBy, silentProxy, unreachableProxy } from './proxy-error.js';

/** Status line and headers of the proxy's answer. */
const MAX_ANSWER_BYTES = 16 * 1024;

export interface TunnelOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** For a proxy that is spoken to over TLS, see `ConnectionOptions`. */
  readonly ca: string | undefined;
}

/**
 * A connection to `target`, host and port, through a proxy (CONNECT, RFC 9110 §9.3.6): whatever is sent over it next reaches
 * the target and not the proxy.
 *
 * @throws ClientError `proxy.refused`, `network.unreachable`, `network.timeout`
 */
export async function openTunnel(proxy: Proxy, target: string, options: TunnelOptions): Promise<Socket> {
  const socket = connectTo(proxy, options.ca);
  try {
    const status = await askFor(socket, proxy, target, options);
    if (!isTunnel(status)) throw refusedBy(proxy, status, target);
    return socket;
  } catch (error) {
    socket.on('error', () => undefined).destroy();
    throw error;
  }
}

function connectTo({ origin }: Proxy, ca: string | undefined): Socket {
  const url = new URL(origin);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol === 'http:') return connectTcp({ host, port: Number(url.port || 80) });
  const port = Number(url.port || 443);
  return connectTls({
    host,
    port,
    servername: isIP(host) === 0 ? host : '',
    ALPNProtocols: ['http/1.1'],
    ...(ca !== undefined && { ca }),
  });
}

/** Sends the request, and reads no further than the end of the answer's head. */
function askFor(
  socket: Socket,
  proxy: Proxy,
  target: string,
  { timeoutMs, signal }: TunnelOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const timer = setTimeout(() => {
      end(() => {
        reject(silentProxy(proxy));
      });
    }, timeoutMs);
    const onAbort = (): void => {
      end(() => {
        reject(new ClientError('operation.cancelled', 'cancelled'));
      });
    };
    const onError = (error: NodeJS.ErrnoException): void => {
      end(() => {
        reject(unreachableProxy(proxy, error.code ?? '', error));
      });
    };
    const onEnd = (): void => {
      end(() => {
        reject(unreachableProxy(proxy, 'ECONNRESET', undefined));
      });
    };
    const onData = (chunk: Buffer): void => {
      answer = Buffer.concat([answer, chunk]);
      const status = readStatus(answer);
      if (status === undefined) return;
      end(() => {
        if (status === 'odd') reject(unreachableProxy(proxy, 'HPE_INVALID', undefined));
        else resolve(status);
      });
    };
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError).off('end', onEnd).off('data', onData).pause();
      settle();
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort);
    socket.on('error', onError).on('end', onEnd).on('data', onData);
    socket.write(
      [
        `CONNECT ${target} HTTP/1.1`,
        `host: ${target}`,
        ...(proxy.authorization === undefined ? [] : [`proxy-authorization: ${proxy.authorization}`]),
        '\r\n',
      ].join('\r\n'),
    );
  });
}

/** Undefined while the head has not ended. A tunnel begins in silence: what speaks already in it is no proxy. */
function readStatus(answer: Buffer): number | 'odd' | undefined {
  const end = answer.indexOf('\r\n\r\n');
  if (end === -1) return answer.length > MAX_ANSWER_BYTES ? 'odd' : undefined;
  const status = /^HTTP\/1\.[01] (\d{3})(?: |\r)/.exec(
    answer.toString('latin1', 0, Math.min(end + 2, 64)),
  )?.[1];
  if (status === undefined || end > MAX_ANSWER_BYTES) return 'odd';
  return isTunnel(Number(status)) && answer.length > end + 4 ? 'odd' : Number(status);
}

function isTunnel(status: number): boolean {
  return status >= 200 && status < 300;
}
