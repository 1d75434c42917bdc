import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import { connectToyServer, type Toy } from './toy-server.js';

export interface WebSocketToy extends Toy {
  readonly url: string;
  /** What came with each handshake as authorization. */
  readonly greetings: (string | undefined)[];
  /** Connections that are open. */
  readonly sockets: Set<Duplex>;
  /** Called with each connection before anything is said. */
  greet: ((socket: Duplex) => void) | undefined;
  close(): Promise<void>;
}

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * A real server of the SDK over WebSocket, which the SDK has no transport for: the least of RFC 6455 that a server can do. It is held
 * against another client than the engine's in the tests.
 */
export async function startWebSocketToy(): Promise<WebSocketToy> {
  const toy = { calls: [] as string[] };
  const server = createServer((_, response) => response.writeHead(426).end());
  server.on('upgrade', (request, socket: Duplex) => {
    box.greetings.push(request.headers.authorization);
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key'] ?? ''}${MAGIC}`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: mcp\r\n\r\n`,
    );
    box.sockets.add(socket);
    socket.on('close', () => box.sockets.delete(socket));
    socket.on('error', () => undefined);
    box.greet?.(socket);
    void connectToyServer(toy, transportOver(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const box: WebSocketToy = {
    ...toy,
    greetings: [],
    sockets: new Set(),
    greet: undefined,
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    close: async () => {
      for (const socket of box.sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return box;
}

/** A frame as a server sends it, unmasked. */
export function serverFrame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, length])
      : Buffer.from([0x80 | opcode, 126, length >> 8, length & 255]);
  return Buffer.concat([head, payload]);
}

function transportOver(socket: Duplex): Transport {
  let rest = Buffer.alloc(0);
  const transport: Transport = {
    start: () => Promise.resolve(),
    send: (message) => {
      socket.write(serverFrame(1, Buffer.from(JSON.stringify(message))));
      return Promise.resolve();
    },
    close: () => {
      socket.destroy();
      return Promise.resolve();
    },
  };
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const [first = 0, second = 0] = rest;
      const short = second & 127;
      const from = (short === 126 ? 4 : 2) + 4;
      const length = short === 126 ? rest.readUInt16BE(2) : short;
      if (rest.length < from || rest.length < from + length) return;
      if ((second & 128) === 0) throw new Error('a client must mask what it sends');
      const mask = rest.subarray(from - 4, from);
      const payload = rest.subarray(from, from + length).map((byte, at) => byte ^ (mask[at & 3] ?? 0));
      rest = rest.subarray(from + length);
      if ((first & 15) === 8) socket.end(serverFrame(8, payload));
      if ((first & 15) === 1)
        transport.onmessage?.(JSONRPCMessageSchema.parse(JSON.parse(Buffer.from(payload).toString())));
    }
  });
  socket.on('close', () => transport.onclose?.());
  return transport;
}
