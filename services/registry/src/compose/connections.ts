import type { Server } from 'node:http';

export interface ConnectionsOptions {
  /** Most that are open at once. */
  readonly most: number;
  /** Told of each connection that is refused. */
  readonly onRefused: () => void;
}

/**
 * Ends each new connection beyond a number at once, and leaves those that are there alone, so that files and connections to the
 * database are left for whoever has one. Not by `maxConnections`: among cluster workers that hands a connection on, from
 * one that is full to the next, for as long as all of them are.
 */
export function capConnections(server: Server, { most, onRefused }: ConnectionsOptions): void {
  let open = 0;
  server.on('connection', (socket) => {
    if (open >= most) {
      socket.destroy();
      onRefused();
      return;
    }
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
  });
}
