import { hexOfDigest, sha256Hex, type Digest } from '@sheaf/bundle';
import { observer } from '../callbacks.js';
import type { Cache } from '../cache.js';
import type { DownloadEvent } from '../fetch-event.js';
import type { RegistryClient } from '../registry-client.js';
import type { BlobClaim } from './claim.js';

/** A bundle that the cache does not have, and from where to get it. */
export interface ObtainRequest {
  readonly client: Pick<RegistryClient, 'getBlob'>;
  readonly cache: Pick<Cache, 'claimBlob' | 'dropBlob' | 'putBlob'>;
  /** Of the tar: what the registry is asked for. */
  readonly tar: Digest;
  /** Of the bundle itself: what the cache keeps it under. */
  readonly blob: Digest;
  readonly sizeBytes: number;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: DownloadEvent) => void) | undefined;
}

/** A bundle that nobody has verified yet. */
export interface ObtainedBlob {
  readonly bytes: Uint8Array;
  /** Whether another put it into the cache while this one waited. */
  readonly fromCache: boolean;
  /** Keeps it in the cache, once it is verified. */
  keep(): Promise<void>;
  /** Lets others go on that wait for it. What was not kept before is forgotten. */
  release(): Promise<void>;
}

/**
 * Downloads a bundle, or waits for whoever does already. What an earlier process received of it is gone on with; when
 * that does not lead to the right bytes, the whole is downloaded.
 *
 * @throws ClientError as `RegistryClient.getBlob`; `cache.unusable`
 */
export async function obtainBlob(given: ObtainRequest): Promise<ObtainedBlob> {
  const request = { ...given, onEvent: observer('onEvent', given.onEvent) };
  const { cache, blob: digest, sizeBytes, signal, onEvent } = request;
  const onWait = () => {
    onEvent({ type: 'download.waiting', sizeBytes });
  };
  for (let attempt = 0; ; attempt++) {
    const claim = await cache.claimBlob(digest, { sizeBytes, signal, onWait });
    if (claim.blob === undefined) return downloadClaimed(request, claim);
    if (isWhole(claim.blob, digest) || attempt > 0) {
      const done = () => Promise.resolve();
      return { bytes: claim.blob, fromCache: true, keep: done, release: done };
    }
    await cache.dropBlob(digest);
    onEvent({ type: 'cache.dropped', what: 'blob', error: undefined });
  }
}

type Claimed = Extract<BlobClaim, { readonly blob: undefined }>;

async function downloadClaimed(request: ObtainRequest, claim: Claimed): Promise<ObtainedBlob> {
  let keepPart = true;
  try {
    const bytes = await download(request, claim);
    keepPart = false;
    return {
      bytes,
      fromCache: false,
      keep: () => request.cache.putBlob(request.blob, bytes),
      release: () => claim.release({ keepPart: false }),
    };
  } finally {
    if (keepPart) await claim.release({ keepPart: true });
  }
}

async function download(request: ObtainRequest, { part }: Claimed): Promise<Uint8Array> {
  const { client, tar, blob, sizeBytes, signal, onEvent } = request;
  const startedMs = performance.now();
  const get = (kept: Claimed['part']) =>
    client.getBlob(tar, {
      sizeBytes,
      signal,
      kept,
      onProgress: (receivedBytes) => onEvent?.({ type: 'download.progress', receivedBytes, sizeBytes }),
      onRetry: (notice) => onEvent?.({ type: 'retry', notice }),
    });
  const receivedBytes = part.received.length;
  onEvent?.({ type: 'download.started', receivedBytes, sizeBytes });
  let bytes = receivedBytes === sizeBytes ? part.received : await get(part);
  if (receivedBytes > 0 && !isWhole(bytes, blob)) {
    onEvent?.({ type: 'cache.dropped', what: 'partial', error: undefined });
    bytes = await get({ ...part, received: new Uint8Array(), tag: undefined });
  }
  onEvent?.({ type: 'download.finished', sizeBytes, durationMs: performance.now() - startedMs });
  return bytes;
}

function isWhole(bytes: Uint8Array, digest: Digest): boolean {
  return sha256Hex(bytes) === hexOfDigest(digest);
}
