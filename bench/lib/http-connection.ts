import { createConnection, type Socket } from 'node:net';

export interface HttpRequest {
  /** `GET` by default. */
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface HttpAnswer {
  readonly status: number;
  /** Status line and fields, as they came. */
  readonly head: string;
  readonly body: Buffer;
}

/** One connection that is kept, with one request at a time. */
export interface HttpConnection {
  /** Resolves once the whole answer is here. @throws Error when the connection breaks or the answer is not HTTP/1.1 */
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

/**
 * HTTP/1.1 on a bare socket, as far as the measured servers need it: the client must leave the processors to them, and be
 * the same for all of them.
 */
export async function openConnection(origin: string): Promise<HttpConnection> {
  const { hostname, port, host } = new URL(origin);
  const socket = createConnection({ host: hostname, port: Number(port) });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.setNoDelay(true);
  let waiting: { resolve: (answer: HttpAnswer) => void; reject: (error: Error) => void } | undefined;
  let broken: Error | undefined;
  let received: Buffer[] = [];
  let size = 0;
  let needed = 0;
  const fail = (error: Error): void => {
    broken ??= error;
    waiting?.reject(error);
    waiting = undefined;
  };
  socket.on('data', (chunk: Buffer) => {
    received.push(chunk);
    size += chunk.length;
    if (size < needed) return;
    try {
      const bytes = received.length === 1 ? chunk : Buffer.concat(received, size);
      const read = readAnswer(bytes);
      if ('needed' in read) {
        received = [bytes];
        needed = read.needed;
        return;
      }
      received = [];
      size = 0;
      needed = 0;
      const { resolve } = waiting ?? {};
      waiting = undefined;
      resolve?.(read);
    } catch (error) {
      fail(error as Error);
      socket.destroy();
    }
  });
  listen(socket, fail);
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        if (broken) {
          reject(broken);
          return;
        }
        waiting = { resolve, reject };
        const head = headOf(request, host);
        if (request.body === undefined) socket.write(head, 'latin1');
        else {
          socket.cork();
          socket.write(head, 'latin1');
          socket.write(request.body);
          socket.uncork();
        }
      }),
    close: () => socket.destroy(),
  };
}

function listen(socket: Socket, fail: (error: Error) => void): void {
  socket.on('error', fail);
  socket.on('close', () => {
    fail(new Error('the server closed the connection'));
  });
}

function headOf({ method = 'GET', path, headers = {}, body }: HttpRequest, host: string): string {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined || method !== 'GET') lines.push(`Content-Length: ${body?.length ?? 0}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** The answer, or how many bytes are needed at least before it is worth looking again. */
function readAnswer(bytes: Buffer): HttpAnswer | { readonly needed: number } {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return { needed: bytes.length + 1 };
  const head = bytes.toString('latin1', 0, end);
  const status = Number(head.slice(9, 12));
  const start = end + 4;
  if (status === 204 || status === 304) return { status, head, body: Buffer.alloc(0) };
  const length = findField(head, 'content-length');
  if (length !== undefined) {
    const total = start + Number(length);
    return bytes.length < total ? { needed: total } : { status, head, body: bytes.subarray(start, total) };
  }
  if (findField(head, 'transfer-encoding')?.toLowerCase() !== 'chunked')
    throw new Error('the answer does not say how long it is');
  const body = readChunks(bytes, start);
  return body === undefined ? { needed: bytes.length + 1 } : { status, head, body };
}

function readChunks(bytes: Buffer, start: number): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const length = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + length + 2;
    if (bytes.length < next) return undefined;
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = next;
  }
}

/** The value of a field of an answer. */
export function findField(head: string, name: string): string | undefined {
  return new RegExp(`\\r\\n${name}:[ \\t]*([^\\r\\n]*)`, 'i').exec(head)?.[1];
}
