import type { Socket } from 'node:net';

/** Who waits for the end of a connection: many answers may, and each listener of its own would be one too many. */
const waiting = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls once when the connection has ended, on the next tick when that was before. An answer that still waits behind another
 * one of the same connection is not told so itself.
 *
 * @returns a function that calls it off
 */
export function onceEnded(socket: Socket, call: () => void): () => void {
  const calls = waiting.get(socket) ?? watch(socket);
  calls.add(call);
  // It may have told so already, and does not again.
  if (socket.destroyed)
    process.nextTick(() => {
      if (calls.delete(call)) call();
    });
  return () => {
    calls.delete(call);
  };
}

function watch(socket: Socket): Set<() => void> {
  const calls = new Set<() => void>();
  waiting.set(socket, calls);
  socket.once('close', () => {
    for (const call of calls) {
      calls.delete(call);
      call();
    }
  });
  return calls;
}
