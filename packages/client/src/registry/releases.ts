import { hexOfDigest, type Digest, type Envelope, type Receipt, type Standing } from '@sheaf/bundle';
import type { Version, WorkflowId } from '@sheaf/workflow';
import {
  MEDIA_TYPES,
  SearchResultSchema,
  VersionDocumentSchema,
  WorkflowDocumentSchema,
  routes,
  type SearchResult,
  type SearchSort,
  type SearchState,
  type VersionDocument,
  type WorkflowDocument,
} from '../contract/index.js';
import type { KeptPart } from '../downloads/partial.js';
import { ClientError } from '../errors.js';
import { MAX_BLOB_BYTES, MAX_README_BYTES, MAX_RECEIPT_BYTES, MAX_STANDING_BYTES } from '../limits.js';
import { readWith } from './access.js';
import { expectSame, partsOf, readReceipt, readStanding } from './answers.js';
import type { Caller, CallOptions } from './caller.js';
import { download } from './download.js';
import type { Http } from './exchange.js';
import { encodeParts } from './multipart.js';
import { publishQuery, type PublishOptions } from './publish-options.js';
import type { RetryDeps } from './retry.js';

/** What to search for; filters narrow each other. */
export interface SearchQuery {
  readonly text?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly owner?: string | undefined;
  readonly license?: string | undefined;
  readonly permission?: string | undefined;
  readonly state?: SearchState | undefined;
  readonly sort?: SearchSort | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** What a search takes beside its query. */
export interface SearchOptions extends CallOptions {
  /** Sends the token along, so that what is private is found too; searches are anonymous otherwise. */
  readonly includePrivate?: boolean | undefined;
}

/** How a bundle is downloaded. */
export interface BlobOptions extends CallOptions {
  readonly sizeBytes: number;
  /** Told of each piece that arrives: bytes so far, and of the whole. */
  readonly onProgress?: ((receivedBytes: number, sizeBytes: number) => void) | undefined;
  /** What an earlier process received, and where what arrives is kept. */
  readonly kept?: KeptPart | undefined;
}

/** Workflows and their versions: found, read, published. */
export interface ReleaseMethods {
  /** One page of what the search finds, best first, with a cursor for the next. */
  search(query: SearchQuery, options?: SearchOptions): Promise<SearchResult>;
  /** A workflow with the summary of every version, unverified. */
  getWorkflow(id: WorkflowId, options?: CallOptions): Promise<WorkflowDocument>;
  /** A version with its parameters, steps and files, unverified. */
  getVersion(id: WorkflowId, version: Version, options?: CallOptions): Promise<VersionDocument>;
  /** The README as it was written, of at most 2 MiB and unverified. @throws ClientError `file.not_found` without one */
  getReadme(id: WorkflowId, version: Version, options?: CallOptions): Promise<string>;
  /** The proof that the log holds a version, unverified: see `verifyReceipt`. */
  getReceipt(id: WorkflowId, version: Version, options?: CallOptions): Promise<Receipt>;
  /** What the log says of a version beyond its receipt, unverified. */
  getStanding(id: WorkflowId, version: Version, options?: CallOptions): Promise<Standing>;
  /** The compressed bundle of a tar digest, unverified. */
  getBlob(digest: Digest, options: BlobOptions): Promise<Uint8Array>;
  /** Safe to repeat: the same bundle again is answered with the receipt of the first time, and `created: false`. */
  publish(
    request: { readonly envelope: Envelope; readonly blob: Uint8Array },
    options?: PublishOptions,
  ): Promise<{ readonly created: boolean; readonly receipt: Receipt }>;
}

export function releaseMethods(call: Caller, http: Http, retry: RetryDeps): ReleaseMethods {
  const { url } = http;
  return {
    search: (query, { includePrivate = false, ...options } = {}) =>
      call.getJson(SearchResultSchema, routes.workflows() + searchParameters(query), {
        ...options,
        access: includePrivate ? 'token' : 'anonymous',
      }),
    async getWorkflow(id, o) {
      const path = routes.workflow(...partsOf(id));
      return expectSame(await call.getJson(WorkflowDocumentSchema, path, o), { id }, url);
    },
    async getVersion(id, version, o) {
      const path = routes.version(...partsOf(id), version);
      return expectSame(await call.getJson(VersionDocumentSchema, path, o), { id, version }, url);
    },
    async getReadme(id, version, o) {
      const path = routes.readme(...partsOf(id), version);
      return new TextDecoder().decode((await call.get(path, 'text/markdown', MAX_README_BYTES, o)).body);
    },
    async getReceipt(id, version, o) {
      const path = routes.receipt(...partsOf(id), version);
      return readReceipt((await call.get(path, MEDIA_TYPES.receipt, MAX_RECEIPT_BYTES, o)).body);
    },
    async getStanding(id, version, o) {
      const path = routes.standing(...partsOf(id), version);
      return readStanding((await call.get(path, MEDIA_TYPES.standing, MAX_STANDING_BYTES, o)).body);
    },
    getBlob(digest, options) {
      const { sizeBytes } = options;
      if (sizeBytes > MAX_BLOB_BYTES || sizeBytes < 0) {
        return Promise.reject(
          new ClientError(
            'response.too_large',
            `a bundle of ${sizeBytes} bytes is beyond the limit of ${MAX_BLOB_BYTES}`,
          ),
        );
      }
      const request = {
        path: routes.blob(hexOfDigest(digest)),
        accept: MEDIA_TYPES.bundle,
        ...options,
      };
      return readWith(
        'anonymous-first',
        () => http.tokens.get(),
        (authenticate) => download(http, retry, { ...request, authenticate }),
      );
    },
    async publish(upload, { force, channel, ...o } = {}) {
      const { contentType, body } = encodeParts([upload]);
      const response = await call.send(
        {
          method: 'POST',
          path: routes.workflows() + publishQuery({ force, channel }),
          accept: MEDIA_TYPES.receipt,
          body: { contentType, bytes: body },
          maxBytes: MAX_RECEIPT_BYTES,
          idempotent: true,
        },
        o,
      );
      return { created: response.status === 201, receipt: readReceipt(response.body) };
    },
  };
}

function searchParameters(query: SearchQuery): string {
  const parameters = new URLSearchParams();
  if (query.text !== undefined && query.text !== '') parameters.set('q', query.text);
  for (const tag of query.tags ?? []) parameters.append('tag', tag);
  for (const name of ['owner', 'license', 'permission', 'state', 'sort', 'limit', 'cursor'] as const) {
    const value = query[name];
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}
