import { createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { findField, openConnection, type HttpConnection } from '../lib/http-connection.js';
import { runLoad } from '../lib/load.js';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that sends each of the pieces by itself, as soon as something was asked. */
async function serve(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('data', () => {
      answer(socket);
    });
    socket.on('error', () => undefined);
    closers.push(() => socket.destroy());
  });
  closers.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return `http://127.0.0.1:${address.port}`;
}

async function connect(answer: (socket: Socket) => void): Promise<HttpConnection> {
  const connection = await openConnection(await serve(answer));
  closers.push(() => {
    connection.close();
  });
  return connection;
}

function inPieces(text: string, size: number): (socket: Socket) => void {
  return (socket) => {
    const send = (at: number): void => {
      if (at >= text.length) return;
      socket.write(text.slice(at, at + size), () => {
        setImmediate(send, at + size);
      });
    };
    send(0);
  };
}

test.each([1, 2, 7, 1000])('reads an answer of a known length in pieces of %i bytes', async (size) => {
  const connection = await connect(
    inPieces('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: "a"\r\n\r\nhello', size),
  );
  for (let i = 0; i < 2; i += 1) {
    const { status, head, body } = await connection.send({ path: '/' });
    expect([status, findField(head, 'etag'), body.toString()]).toEqual([200, '"a"', 'hello']);
  }
});

test.each([1, 3, 1000])('reads an answer in chunks in pieces of %i bytes', async (size) => {
  const text = 'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n';
  const connection = await connect(inPieces(text, size));
  for (let i = 0; i < 2; i += 1) {
    const { status, body } = await connection.send({ method: 'PUT', path: '/', body: Buffer.from('x') });
    expect([status, body.toString()]).toEqual([201, 'hello!']);
  }
});

test('expects no body of a 304', async () => {
  const connection = await connect(inPieces('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 1000));
  expect((await connection.send({ path: '/' })).status).toBe(304);
});

test('counts an operation whose connection breaks as failed, and goes on', async () => {
  const url = await serve((socket) => socket.destroy());
  const operation = async (connection: HttpConnection) => {
    await connection.send({ path: '/' });
  };
  const result = await runLoad(url, [operation, operation, operation], { kind: 'closed', clients: 2 });
  expect(result).toMatchObject({ operations: 3, failed: 3, perSecond: 0 });
});
