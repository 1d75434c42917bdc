import { createHash, randomBytes } from 'node:crypto';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { createFrameReader, encodeFrame, FrameError, OPCODES, type Said } from './frames.js';

export interface WebSocketOptions {
  /** ws: or wss: */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** The subprotocol, which the server must agree to. */
  readonly protocol: string;
  readonly lookup: LookupFunction;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly onText: (text: string) => void;
  /** Once, whoever ended it; with an error when nobody meant it to end. */
  readonly onClose: (error: Error | undefined) => void;
}

/** An open connection. */
export interface WebSocketConnection {
  /** Resolves when the system has taken it. */
  send(text: string): Promise<void>;
  /** Says goodbye, and drops the connection when the other side does not within a second. */
  close(): void;
}

/** A server that answered, and did not agree. */
export class HandshakeError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the server answered ${status} in place of a WebSocket`);
    this.name = 'HandshakeError';
    this.status = status;
  }
}

/** RFC 6455, 1.3. */
const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const GOODBYE_MS = 1_000;

/** Opens a WebSocket (RFC 6455) without extensions and proxies. Throws HandshakeError, and what the network throws. */
export async function openWebSocket(options: WebSocketOptions): Promise<WebSocketConnection> {
  const key = randomBytes(16).toString('base64');
  const { socket, head } = await shakeHands(options, key);
  return talk(socket, head, options);
}

interface Upgraded {
  readonly socket: Duplex;
  /** What came with the answer already. */
  readonly head: Uint8Array;
}

function shakeHands(options: WebSocketOptions, key: string): Promise<Upgraded> {
  const { url, headers, protocol, lookup, timeoutMs } = options;
  const isSecure = url.protocol === 'wss:';
  const accept = createHash('sha1').update(`${key}${MAGIC}`).digest('base64');
  return new Promise((resolve, reject) => {
    const request = (isSecure ? requestHttps : requestHttp)({
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      path: `${url.pathname}${url.search}`,
      lookup,
      agent: false,
      maxHeaderSize: 65_536,
      headers: {
        ...headers,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': key,
        'sec-websocket-protocol': protocol,
      },
    });
    const timer = setTimeout(() => {
      request.destroy(new DOMException('it took too long', 'TimeoutError'));
    }, timeoutMs);
    request.once('error', reject);
    request.once('close', () => {
      clearTimeout(timer);
    });
    request.once('response', (response) => {
      response.destroy();
      reject(new HandshakeError(response.statusCode ?? 0));
    });
    request.once('upgrade', (response, socket, head) => {
      clearTimeout(timer);
      const problem = findProblem(response, accept, protocol);
      if (problem === undefined) resolve({ socket, head });
      else {
        socket.destroy();
        reject(new Error(problem));
      }
    });
    request.end();
  });
}

function findProblem({ headers }: IncomingMessage, accept: string, protocol: string): string | undefined {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return 'the server speaks another protocol';
  if (headers['sec-websocket-accept'] !== accept) return 'the server did not understand the handshake';
  if (headers['sec-websocket-extensions'] !== undefined) return 'the server wants an extension';
  return headers['sec-websocket-protocol'] === protocol
    ? undefined
    : `the server does not speak ${protocol} over WebSocket`;
}

function talk(socket: Duplex, head: Uint8Array, options: WebSocketOptions): WebSocketConnection {
  const reader = createFrameReader(options.maxBytes);
  let isClosing = false;
  let failure: Error | undefined;

  const write = (opcode: number, payload: Uint8Array): void => {
    if (socket.writable) socket.write(encodeFrame(opcode, payload, randomBytes(4)));
  };
  const close = (code: number): void => {
    if (isClosing) return;
    isClosing = true;
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    write(OPCODES.close, payload);
    socket.end();
    setTimeout(() => socket.destroy(), GOODBYE_MS).unref();
  };
  const hear = (said: Said): void => {
    if (said.kind === 'text') options.onText(said.text);
    else if (said.kind === 'ping') write(OPCODES.pong, said.payload);
    else if (said.kind === 'close') {
      if (!isClosing) failure ??= new Error(`the server closed the connection (${said.code ?? 'no code'})`);
      close(1000);
    }
  };
  const take = (chunk: Uint8Array): void => {
    if (failure !== undefined) return;
    try {
      for (const said of reader.take(chunk)) hear(said);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      close(error instanceof FrameError ? error.code : 1011);
    }
  };
  socket.on('data', take);
  socket.once('error', (error) => {
    if (!isClosing) failure ??= error;
  });
  socket.once('close', () => {
    options.onClose(failure ?? (isClosing ? undefined : new Error('the connection broke')));
  });
  if (head.length > 0) take(head);
  return {
    send: (text) =>
      new Promise((resolve, reject) => {
        socket.write(encodeFrame(OPCODES.text, Buffer.from(text), randomBytes(4)), (error) => {
          if (error === undefined || error === null) resolve();
          else reject(error);
        });
      }),
    close: () => {
      close(1000);
    },
  };
}
