import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Certified } from './authority.js';

export interface ProxyServer {
  readonly host: string;
  /** Hosts and ports that tunnels were asked for, and whole addresses that were to be forwarded. */
  readonly asked: string[];
}

export interface ProxyOptions {
  /** `user:password` without which nothing passes. */
  readonly credentials?: string;
  /** What a request for a tunnel is answered with instead of one. */
  readonly status?: number;
  /** Speaks TLS to its clients. */
  readonly certified?: Certified;
  /** Sent right behind the answer to a request for a tunnel. */
  readonly chatter?: string;
}

/** A real proxy, for tunnels and plain requests, to which every name is this machine; it ends with the test. */
export async function startProxy(options: ProxyOptions = {}): Promise<ProxyServer> {
  const { credentials, status = 200, certified, chatter = '' } = options;
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const expected =
    credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  const server: Server = certified === undefined ? createServer() : createTlsServer(certified);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('request', (incoming, response) => {
    asked.push(incoming.url ?? '');
    if (incoming.headers['proxy-authorization'] !== expected) response.writeHead(407).end();
    else {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ forwarded: true, host: incoming.headers.host }));
    }
  });
  server.on('connect', (incoming, socket: Socket) => {
    asked.push(incoming.url ?? '');
    socket.on('error', () => undefined);
    const answer = incoming.headers['proxy-authorization'] === expected ? status : 407;
    socket.write(`HTTP/1.1 ${answer} Answer\r\nx-proxy: yes\r\n\r\n${chatter}`);
    if (answer !== 200) {
      socket.end();
      return;
    }
    const target = connect(Number(incoming.url?.split(':').at(-1)), '127.0.0.1');
    sockets.add(target);
    target.on('error', () => socket.destroy());
    target.pipe(socket).pipe(target);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
