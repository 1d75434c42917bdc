import type { ServerResponse } from 'node:http';
import { WINDOW_BYTES, type Blobs } from '../domain/reads/blobs.js';
import type { BlobSource } from '../domain/reads/document.js';
import type { Outgoing, OutgoingBytes } from '../domain/reads/outgoing.js';
import { onceEnded } from './connection-end.js';

/** So much is handed to the socket at a time. */
export const SLICE_BYTES = WINDOW_BYTES;
/** A reader who does not take one slice in this time is cut off: slower than 4 KiB/s. */
const SLICE_TIMEOUT_MS = 30_000;

/** Where bytes go. */
export interface Recipient {
  readonly response: ServerResponse;
  /** Whose share of the memory they take while they wait. */
  readonly network: string;
  readonly outgoing: Outgoing;
}

/**
 * Sends the bytes of a blob from `start` to `end` and ends the answer. Memory stays bounded, however large the blob and
 * however slow the reader is: one slice of it at a time, or bytes that are in memory already and counted there. A slow
 * reader is waited for by nobody else, and cut off when there are too many of them.
 * `begin` is called with the first bytes at hand, so that until then a failure can still be told.
 *
 * @returns whether all of it was taken; false when the reader went away or was cut off
 * @throws RegistryError `service.busy` when there is no room
 */
export async function sendBlob(
  to: Recipient,
  blobs: Blobs,
  source: BlobSource,
  part: { readonly start: number; readonly end: number },
  begin: () => void,
): Promise<boolean> {
  const held = await blobs.load(source);
  if (!held) return sendWindows(to, blobs, source, part, begin);
  held.lease();
  try {
    begin();
    const isTaken = await write(to.response, held.bytes.subarray(part.start, part.end + 1));
    if (isTaken) to.response.end();
    return isTaken;
  } finally {
    held.release();
  }
}

/** As {@link sendBlob}, for a blob that is not worth a place in memory: always one slice of it at a time. */
export async function sendWindows(
  to: Recipient,
  blobs: Pick<Blobs, 'readWindow'>,
  source: Pick<BlobSource, 'digest'>,
  { start, end }: { readonly start: number; readonly end: number },
  begin: () => void,
): Promise<boolean> {
  const { response } = to;
  const counted = hold(to, Math.min(WINDOW_BYTES, end - start + 1));
  try {
    let at = start;
    while (at <= end) {
      if (isGone(response)) return false;
      const window = await blobs.readWindow(source, at, end);
      if (at === start) begin();
      if (!(await write(response, window))) return false;
      counted.moved();
      at += window.length;
    }
    response.end();
    return true;
  } finally {
    counted.release();
  }
}

/**
 * Sends bytes that others hold too, and ends the answer. They are copied first and counted: a slow reader keeps nothing of
 * what they were cut from.
 *
 * @returns as {@link sendBlob}
 * @throws RegistryError `service.busy` when there is no room
 */
export async function sendBytes(to: Recipient, bytes: Uint8Array, begin: () => void): Promise<boolean> {
  const { response } = to;
  if (isGone(response)) return false;
  const counted = hold(to, bytes.length);
  try {
    const copy = Buffer.from(bytes);
    begin();
    const isTaken = await write(response, copy, counted);
    if (isTaken) response.end();
    return isTaken;
  } finally {
    counted.release();
  }
}

function hold({ outgoing, network, response }: Recipient, sizeBytes: number): OutgoingBytes {
  return outgoing.hold(network, sizeBytes, () => {
    response.req.socket.destroy();
  });
}

/** Whether nobody takes the answer any more. */
function isGone(response: ServerResponse): boolean {
  return response.destroyed || response.req.socket.destroyed;
}

async function write(
  response: ServerResponse,
  bytes: Uint8Array,
  counted?: Pick<OutgoingBytes, 'moved'>,
): Promise<boolean> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    if (!(await writeSlice(response, bytes.subarray(at, at + SLICE_BYTES)))) return false;
    counted?.moved();
  }
  return true;
}

/**
 * Resolves once the bytes have left the process: true, or false when nobody takes them any more. It is the connection that
 * is watched, and cut off: an answer that waits behind another one of the same connection hears nothing of its end.
 */
function writeSlice(response: ServerResponse, bytes: Uint8Array): Promise<boolean> {
  const { socket } = response.req;
  return new Promise((resolve) => {
    const settle = (isTaken: boolean) => {
      clearTimeout(timer);
      forget();
      resolve(isTaken);
    };
    const forget = onceEnded(socket, () => {
      settle(false);
    });
    const timer = setTimeout(() => {
      socket.destroy();
    }, SLICE_TIMEOUT_MS);
    if (isGone(response)) settle(false);
    else
      response.write(bytes, (error) => {
        settle(!error);
      });
  });
}
