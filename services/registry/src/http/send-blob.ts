import type { ServerResponse } from 'node:http';
import type { Gate } from '../domain/gate.js';
import type { Blobs } from '../domain/reads/blobs.js';
import type { BlobSource } from '../domain/reads/document.js';

/** So much is handed to the socket at a time. */
export const SLICE_BYTES = 128 * 1024;
/** A reader who does not take one slice in this time is cut off: slower than 2 KiB/s. */
const SLICE_TIMEOUT_MS = 60_000;

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
    const isTaken = await write(response, held.bytes.subarray(part.start, part.end + 1));
    if (isTaken) response.end();
    return isTaken;
  } finally {
    held.release();
  }
}

async function sendWindows(
  response: ServerResponse,
  blobs: Blobs,
  source: BlobSource,
  { start, end }: { readonly start: number; readonly end: number },
  begin: () => void,
): Promise<boolean> {
  let at = start;
  while (at <= end) {
    if (response.destroyed) return false;
    const from = at;
    await blobs.withWindow(source, from, end, async (window) => {
      if (from === start) begin();
      if (await write(response, window)) at += window.length;
    });
    // Nobody takes it any more.
    if (at === from) return false;
  }
  response.end();
  return true;
}

/**
 * Sends bytes that others hold too, and ends the answer. What is more than a slice is copied first, and how much is copied
 * is bounded by the gate: a slow reader keeps nothing of what it was cut from.
 *
 * @returns as {@link sendBlob}
 * @throws RegistryError `service.busy` when too many wait
 */
export async function sendBytes(
  response: ServerResponse,
  sending: Gate,
  bytes: Uint8Array,
  begin: () => void,
): Promise<boolean> {
  return sending.run(bytes.length, async () => {
    if (response.destroyed) return false;
    const copy = Buffer.from(bytes);
    begin();
    const isTaken = await write(response, copy);
    if (isTaken) response.end();
    return isTaken;
  });
}

async function write(response: ServerResponse, bytes: Uint8Array): Promise<boolean> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES)
    if (!(await writeSlice(response, bytes.subarray(at, at + SLICE_BYTES)))) return false;
  return true;
}

/** Resolves once the bytes have left the process: true, or false when nobody takes them any more. */
function writeSlice(response: ServerResponse, bytes: Uint8Array): Promise<boolean> {
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
    }, SLICE_TIMEOUT_MS);
    response.on('close', onClose);
    if (response.destroyed) settle(false);
    else
      response.write(bytes, (error) => {
        settle(!error);
      });
  });
}
