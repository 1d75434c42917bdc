import type { Writable } from 'node:stream';
import { takesUtf8, toAscii } from './charset.js';
import { wantsColour } from './colour.js';
import { COLOURED, PLAIN, type Style } from './style.js';

/** One of the two output streams. A reader that has gone away is no error by itself: what is written then is dropped. */
export interface OutputStream {
  readonly isTty: boolean;
  /** Whether lines may be redrawn: a terminal that is not dumb, and nobody asked for plain lines. */
  readonly canRedraw: boolean;
  readonly style: Style;
  /** Width in columns; undefined when it is not a terminal. */
  columns(): number | undefined;
  /** Height in lines, where that is known. */
  rows?(): number | undefined;
  write(text: string | Uint8Array): void;
  /** Whether the reader has gone away, as far as is known; after a flush it is. */
  isClosed(): boolean;
  /** Why something could not be written, such as a full disk; that the reader has gone away is none. */
  failure(): Error | undefined;
  /** Resolves when everything written has left the process. */
  flush(): Promise<void>;
}

/** Narrower than this, nothing is laid out. */
const LEAST_COLUMNS = 20;
/** A terminal that does not say how wide it is says 0. */
const USUAL_COLUMNS = 80;

/** Wraps a stream of the process. */
export function openOutput(
  stream: Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number },
  env: Readonly<Record<string, string | undefined>>,
): OutputStream {
  let closed = false;
  let failure: Error | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO' && error.code !== 'ERR_STREAM_DESTROYED')
      failure ??= error;
    closed = true;
  });
  const isTty = stream.isTTY === true;
  const isAscii = isTty && !takesUtf8(env);
  return {
    isTty,
    canRedraw: isTty && env['TERM'] !== 'dumb' && !isAccessible(env),
    style: wantsColour(env, isTty) ? COLOURED : PLAIN,
    columns: () => {
      if (!isTty) return undefined;
      const columns = stream.columns ?? 0;
      return Math.max(LEAST_COLUMNS, columns > 0 ? columns : USUAL_COLUMNS);
    },
    rows: () => (isTty && stream.rows !== undefined && stream.rows > 0 ? stream.rows : undefined),
    write: (text) => {
      if (closed || text.length === 0) return;
      stream.write(isAscii && typeof text === 'string' ? toAscii(text) : text);
    },
    isClosed: () => closed,
    failure: () => failure,
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

/** Whether output is read by a screen reader: a line for each change, and choices by number. */
export function isAccessible(env: Readonly<Record<string, string | undefined>>): boolean {
  const value = env['SHEAF_ACCESSIBLE'] ?? '';
  return value !== '' && value !== '0';
}
