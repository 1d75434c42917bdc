import type { IncomingMessage } from 'node:http';

/** Bytes that may wait for their reader before the other side is made to wait. */
const MAX_WAITING_BYTES = 1024 * 1024;

/**
 * The body of an answer, chunk by chunk. What had arrived before its connection was cut is read before it fails, so that a
 * download goes on from there; Node's own stream drops it.
 */
export function readBodyOf(
  response: IncomingMessage,
  silenceMs: number,
  silent: () => Error,
): AsyncIterable<Uint8Array> {
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let end: { readonly error?: Error } | undefined;
  let wake = (): void => undefined;
  const finish = (error?: Error): void => {
    end ??= error === undefined ? {} : { error };
    wake();
  };
  response.on('data', (chunk: Uint8Array) => {
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes > MAX_WAITING_BYTES) response.pause();
    wake();
  });
  response.on('end', () => {
    finish();
  });
  response.on('error', finish);
  response.on('close', () => {
    finish(Object.assign(new Error('the connection was cut'), { code: 'ECONNRESET' }));
  });
  // While the reader takes nothing, that is no silence.
  response.setTimeout(silenceMs, () => {
    if (response.isPaused()) response.socket.setTimeout(silenceMs);
    else response.destroy(silent());
  });

  return {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const chunk = waiting.shift();
        if (chunk !== undefined) {
          waitingBytes -= chunk.length;
          yield chunk;
        } else if (end !== undefined) {
          if (end.error !== undefined) throw end.error;
          return;
        } else {
          const more = new Promise<void>((resolve) => {
            wake = resolve;
          });
          response.resume();
          await more;
        }
      }
    },
  };
}
