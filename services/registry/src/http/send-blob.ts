import type { ServerResponse } from 'node:http';
import { WINDOW_BYTES, type Blobs } from '../domain/reads/blobs.js';
import type { BlobSource } from '../domain/reads/document.js';

/** A reader who does not take one window in this time is cut off: slower than 4 KiB/s. */
const WINDOW_TIMEOUT_MS = 60_000;

/**
 * Sends the bytes of a blob from `start` to `end` and ends the answer. Memory stays bounded, however large the blob and
 * however slow the reader is: one window of it at a time, or bytes that are in memory already and counted there.
 * `begin` is called with the first bytes at hand, so that until then a failure can still be told.
 *
 * @returns whether all of it was taken; false when the reader went away or was cut off
 */
export async function sendBlob(
  response: ServerResponse,
  blobs: Blobs,
  source: BlobSource,
  part: { readonly start: number; readonly end: number },
  begin: () => void,
): Promise<boolean> {
  const held = await blobs.load(source);
  if (!held) return sendWindows(response, blobs, source, part, begin);
  held.lease();
  try {
    begin();
    for (let at = part.start; at <= part.end; at += WINDOW_BYTES) {
      const window = held.bytes.subarray(at, Math.min(part.end + 1, at + WINDOW_BYTES));
      if (!(await write(response, window))) return false;
    }
  } finally {
    held.release();
  }
  response.end();
  return true;
}

async function sendWindows(
  response: ServerResponse,
  blobs: Blobs,
  source: BlobSource,
  { start, end }: { readonly start: number; readonly end: number },
  begin: () => void,
): Promise<boolean> {
  let isTaken = true;
  for (let at = start; at <= end && isTaken;) {
    if (response.destroyed) return false;
    await blobs.withWindow(source, at, end, async (window) => {
      if (at === start) begin();
      isTaken = await write(response, window);
      at += window.length;
    });
  }
  if (isTaken) response.end();
  return isTaken;
}

/** Resolves once the bytes have left the process: true, or false when nobody takes them any more. */
function write(response: ServerResponse, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isTaken: boolean) => {
      clearTimeout(timer);
      response.off('close', onClose);
      resolve(isTaken);
    };
    const onClose = () => {
      settle(false);
    };
    const timer = setTimeout(() => {
      response.destroy();
    }, WINDOW_TIMEOUT_MS);
    response.on('close', onClose);
    if (response.destroyed) settle(false);
    else
      response.write(bytes, (error) => {
        settle(!error);
      });
  });
}
