import { Readable } from 'node:stream';
import type { RequestContext } from './context.js';
import { prepareRepresentation, type RepresentationHead } from './respond.js';

export interface BlobRepresentation extends RepresentationHead {
  /** Bytes from `start` to `endInclusive`; undefined when the blob is not there. */
  readonly read: (start: number, endInclusive: number) => Promise<Uint8Array | undefined>;
}

/** So much of a blob is in memory at once for each reader, however large it is and however slowly they read. */
const WINDOW_BYTES = 1024 * 1024;

/** Answers a GET or HEAD with a blob of known size and digest; nothing of it is read that is not sent. */
export async function sendBlob(ctx: RequestContext, blob: BlobRepresentation): Promise<void> {
  const part = prepareRepresentation(ctx, blob);
  if (part === undefined) return;
  const { start, end } = part;
  ctx.length = end - start + 1;
  if (ctx.method === 'HEAD') return;
  // The first window is read before the answer begins, so that a missing blob is still an error that can be told.
  const first = await readWindow(blob, start, end);
  ctx.body =
    first.length === end - start + 1
      ? Buffer.from(first.buffer, first.byteOffset, first.length)
      : Readable.from(windows(blob, first, start, end));
  ctx.length = end - start + 1;
  ctx.type = blob.type;
}

async function* windows(blob: BlobRepresentation, first: Uint8Array, start: number, end: number) {
  yield first;
  for (let at = start + first.length; at <= end;) {
    const window = await readWindow(blob, at, end);
    yield window;
    at += window.length;
  }
}

async function readWindow(blob: BlobRepresentation, at: number, end: number): Promise<Uint8Array> {
  const window = await blob.read(at, Math.min(end, at + WINDOW_BYTES - 1));
  if (!window || window.length === 0) throw new Error(`the object store has lost ${blob.etag}`);
  return window;
}
