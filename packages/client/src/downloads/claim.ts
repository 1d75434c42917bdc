import { setTimeout as sleep } from 'node:timers/promises';
import { assertGoesOn, cancelled } from '../cancelled.js';
import { ensureRealFolder } from '../files.js';
import { takeLease, type Lease } from '../lease.js';
import { openPart, prunePartials, type KeptPart } from './partial.js';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;
/** Whoever downloads is given this long, and a second more for each 32 KiB; then others do it themselves. */
const PATIENCE_MS = 60_000;

/** The right to download a bundle while others wait, or the bundle, if another put it there meanwhile. */
export type BlobClaim =
  | { readonly blob: Uint8Array }
  | {
      readonly blob: undefined;
      readonly part: KeptPart;
      /** Lets others go on. What has arrived is kept for the next attempt, or is gone. */
      release(options: { readonly keepPart: boolean }): Promise<void>;
    };

/** What is waited for, and where. */
export interface ClaimRequest {
  readonly folder: string;
  /** The digest of the bundle, in hex. */
  readonly hex: string;
  readonly sizeBytes: number;
  /** Looks whether the bundle is there. */
  readonly find: () => Promise<Uint8Array | undefined>;
  readonly signal?: AbortSignal | undefined;
  readonly onWait?: (() => void) | undefined;
}

/**
 * Waits for the bundle, or for the right to download it.
 *
 * @throws ClientError `operation.cancelled`
 */
export async function claimBlob(request: ClaimRequest): Promise<BlobClaim> {
  const { folder, hex, find, signal, onWait } = request;
  const endMs = Date.now() + PATIENCE_MS + request.sizeBytes / 32;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5)) {
    assertGoesOn(signal);
    await ensureRealFolder(folder);
    const lease = await takeLease(folder, hex);
    if (lease !== undefined) return begin(request, lease);
    const blob = await find();
    if (blob !== undefined) return { blob };
    if (Date.now() > endMs) return begin(request, undefined);
    if (pauseMs === FIRST_PAUSE_MS) onWait?.();
    await pause(pauseMs * (0.5 + Math.random()), signal);
  }
}

async function begin(request: ClaimRequest, lease: Lease | undefined): Promise<BlobClaim> {
  const { folder, hex, sizeBytes, find } = request;
  try {
    // The one before may have put it there between the last look and the lease.
    const blob = await find();
    if (blob !== undefined) {
      await lease?.release();
      return { blob };
    }
    await prunePartials(folder, Date.now());
    const part = await openPart(folder, hex, sizeBytes);
    return {
      blob: undefined,
      part,
      async release({ keepPart }) {
        try {
          await part.close({ keep: keepPart });
        } finally {
          await lease?.release();
        }
      },
    };
  } catch (error) {
    await lease?.release();
    throw error;
  }
}

async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw cancelled(signal?.reason ?? error);
  }
}
