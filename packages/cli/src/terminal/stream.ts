import type { Writable } from 'node:stream';
import { COLOURED, PLAIN, type Style } from './style.js';

/** One of the two output streams. A reader that has gone away is no error by itself: what is written then is dropped. */
export interface OutputStream {
  readonly isTty: boolean;
  /** Whether lines may be redrawn: a terminal that is not dumb. */
  readonly canRedraw: boolean;
  readonly style: Style;
  /** Width in columns; undefined when it is not a terminal. */
  columns(): number | undefined;
  write(text: string | Uint8Array): void;
  /** Whether the reader has gone away, as far as is known; after a flush it is. */
  isClosed(): boolean;
  /** Resolves when everything written has left the process. */
  flush(): Promise<void>;
}

/** Wraps a stream of the process. */
export function openOutput(
  stream: Writable & { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>>,
): OutputStream {
  let closed = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    closed = true;
  });
  const isTty = stream.isTTY === true;
  const dumb = env['TERM'] === 'dumb';
  const noColour = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '';
  return {
    isTty,
    canRedraw: isTty && !dumb,
    style: isTty && !dumb && !noColour ? COLOURED : PLAIN,
    columns: () => (isTty ? Math.max(20, stream.columns ?? 80) : undefined),
    write: (text) => {
      if (!closed && text.length > 0) stream.write(text);
    },
    isClosed: () => closed,
    flush: () =>
      new Promise((resolve) => {
        if (closed) resolve();
        else {
          stream.once('error', () => {
            resolve();
          });
          stream.write('', () => {
            resolve();
          });
        }
      }),
  };
}
