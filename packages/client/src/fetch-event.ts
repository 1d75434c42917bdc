import type { Digest } from '@sheaf/bundle';
import type { Version, WorkflowId } from '@sheaf/workflow';
import type { ClientError, VerificationStep } from './errors.js';
import type { RetryNotice } from './registry/retry.js';

/** What happens while a bundle is obtained. Sizes in bytes. */
export type DownloadEvent =
  /** Another process, or another fetch of this one, downloads the bundle: it is waited for. */
  | { readonly type: 'download.waiting'; readonly sizeBytes: number }
  /** `receivedBytes` were kept from a download that was cut. */
  | { readonly type: 'download.started'; readonly receivedBytes: number; readonly sizeBytes: number }
  /** Comes for each piece that arrives: up to thousands of times a second. */
  | { readonly type: 'download.progress'; readonly receivedBytes: number; readonly sizeBytes: number }
  /** All bytes are here; none of them is verified yet. */
  | { readonly type: 'download.finished'; readonly sizeBytes: number; readonly durationMs: number }
  /**
   * What was kept did not lead to the bundle, a part of an earlier download or what lay in its place: it was dropped, and
   * the whole is downloaded.
   */
  | { readonly type: 'cache.dropped'; readonly what: 'partial' | 'blob'; readonly error: undefined }
  /** A request failed and is sent again after a pause. */
  | { readonly type: 'retry'; readonly notice: RetryNotice };

/**
 * What happens while a workflow is fetched, as it happens. An observer that throws ends the fetch with its error; new
 * types of events may be added.
 */
export type FetchEvent =
  /** Which version the reference means. Not verified yet. */
  | {
      readonly type: 'resolved';
      readonly id: WorkflowId;
      readonly version: Version;
      /** Of the tar, as the registry says; undefined offline. */
      readonly digest: Digest | undefined;
    }
  | DownloadEvent
  /**
   * A group of checks passed or failed. Those of a second attempt, after a corrupt cache entry was dropped, are told again
   * from the first.
   */
  | { readonly type: 'step'; readonly step: VerificationStep }
  /** A cache entry was corrupt, was dropped, and is fetched once more. */
  | {
      readonly type: 'cache.dropped';
      readonly what: 'receipt' | 'blob';
      readonly error: ClientError | undefined;
    };

/** Is told what happens, at once and in order; it must not block. */
export type OnFetchEvent = (event: FetchEvent) => void;
