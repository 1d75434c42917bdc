import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionsOptions {
  /** Most that are open at once. */
  readonly most: number;
  /** Told of each connection that is refused. */
  readonly onRefused: () => void;
}

/**
 * Ends each new connection beyond a number at once, so that files and connections to the database are left for whoever has
 * one. Those that wait between two requests are ended first: whoever keeps many of them shuts nobody out, such as what looks
 * whether the service lives. Those with a request, or that have only just begun, go on. Not by `maxConnections`: among
 * cluster workers that hands a connection on, from one that is full to the next, for as long as all of them are.
 */
export function capConnections(server: Server, { most, onRefused }: ConnectionsOptions): void {
  const open = new Set<Socket>();
  const makeRoom = () => {
    server.closeIdleConnections();
    // They are told of as closed only later.
    for (const socket of open) if (socket.destroyed) open.delete(socket);
  };
  server.on('connection', (socket) => {
    if (open.size >= most) makeRoom();
    if (open.size >= most) {
      socket.destroy();
      onRefused();
      return;
    }
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
    });
  });
}
