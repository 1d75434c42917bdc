import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  encodeEnvelope,
  hexOfDigest,
  parseReceipt,
  type Digest,
  type Envelope,
  type Receipt,
} from '@sheaf/bundle';
import { splitWorkflowId, type Namespace, type Version, type WorkflowId } from '@sheaf/workflow';
import type { Dispatcher } from 'undici';
import {
  CreatedTokenSchema,
  MEDIA_TYPES,
  NamespaceSchema,
  PUBLISH_PARTS,
  SearchResultSchema,
  VersionDocumentSchema,
  WellKnownSchema,
  WhoamiSchema,
  WorkflowDocumentSchema,
  routes,
  type CreatedToken,
  type DeprecateRequest,
  type NamespaceDocument,
  type SearchResult,
  type VersionDocument,
  type WellKnown,
  type Whoami,
  type WorkflowDocument,
} from './contract/index.js';
import { ClientError } from './errors.js';
import { MAX_BLOB_BYTES, MAX_RECEIPT_BYTES } from './limits.js';
import { createCaller, getTile, JSON_TYPE, MAX_DOCUMENT_BYTES, type CallOptions } from './registry/caller.js';
import { download } from './registry/download.js';
import { openConnections, type Http } from './registry/http.js';
import { readJson } from './registry/json.js';
import { encodeMultipart } from './registry/multipart.js';
import { abortError } from './registry/network-error.js';
import { DEFAULT_RETRY, type RetryDeps, type RetryNotice, type RetryPolicy } from './registry/retry.js';
import { normalizeRegistryUrl } from './registry/url.js';

const MAX_NOTE_BYTES = 64 * 1024;

export interface RegistryClientOptions {
  readonly url: string;
  /**
   * Sent to the registry's own origin only, never over plain http to another machine, and never with a read of what
   * is public: search, workflows, versions, receipts, bundles and the log.
   */
  readonly token?: string | (() => Promise<string | undefined>) | undefined;
  /** For one exchange; in a download, for each silence. Longer by a second for each 32 KiB to transfer. Default 30,000. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryPolicy>;
  readonly onRetry?: (notice: RetryNotice) => void;
  /** Connections to use instead of own ones, such as those through a proxy. They are not closed by `close`. */
  readonly dispatcher?: Dispatcher;
}

export interface SearchQuery {
  readonly text?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly owner?: string | undefined;
  readonly license?: string | undefined;
  readonly permission?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface BlobOptions extends CallOptions {
  readonly sizeBytes: number;
  readonly onProgress?: ((receivedBytes: number, sizeBytes: number) => void) | undefined;
}

/**
 * A registry over HTTP. Every answer has a size limit and a checked form; nothing that comes back is trusted beyond
 * that: see `verifyWorkflow`. Each method throws ClientError: the registry's own problem codes, `network.*`,
 * `response.*`, `operation.cancelled`.
 */
export interface RegistryClient {
  /** In its one spelling, the key for pins and tokens. */
  readonly url: string;
  wellKnown(options?: CallOptions): Promise<WellKnown>;
  whoami(options?: CallOptions): Promise<Whoami>;
  search(query: SearchQuery, options?: CallOptions): Promise<SearchResult>;
  getWorkflow(id: WorkflowId, options?: CallOptions): Promise<WorkflowDocument>;
  getVersion(id: WorkflowId, version: Version, options?: CallOptions): Promise<VersionDocument>;
  getReceipt(id: WorkflowId, version: Version, options?: CallOptions): Promise<Receipt>;
  /** The compressed bundle of a tar digest, unverified. */
  getBlob(digest: Digest, options: BlobOptions): Promise<Uint8Array>;
  /** Safe to repeat: the same bundle again is answered with the receipt of the first time, and `created: false`. */
  publish(
    request: { readonly envelope: Envelope; readonly blob: Uint8Array },
    options?: CallOptions,
  ): Promise<{ readonly created: boolean; readonly receipt: Receipt }>;
  createNamespace(name: Namespace, options?: CallOptions): Promise<NamespaceDocument>;
  getNamespace(name: Namespace, options?: CallOptions): Promise<NamespaceDocument>;
  /** `created: false` when the key was registered already. */
  registerKey(
    envelope: Envelope,
    options?: CallOptions,
  ): Promise<{ readonly created: boolean; readonly namespace: NamespaceDocument }>;
  deprecate(
    id: WorkflowId,
    version: Version,
    request: DeprecateRequest,
    options?: CallOptions,
  ): Promise<VersionDocument>;
  undeprecate(id: WorkflowId, version: Version, options?: CallOptions): Promise<VersionDocument>;
  /** The log's newest signed note, unverified. */
  getCheckpoint(options?: CallOptions): Promise<string>;
  /** `width` hashes of a tile (C2SP tlog-tiles), unverified. */
  getTile(level: number, index: number, width: number, options?: CallOptions): Promise<Uint8Array>;
  createToken(
    request: { readonly name: string; readonly scopes?: readonly string[]; readonly expiresInDays?: number },
    options?: CallOptions,
  ): Promise<CreatedToken>;
  /** Ends all connections; what is still under way fails. */
  close(): Promise<void>;
}

/** @throws ClientError `registry.url_invalid` */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const url = normalizeRegistryUrl(options.url);
  const timeoutMs = options.timeoutMs ?? 30_000;
  const { token } = options;
  const connections = openConnections(timeoutMs);
  const http: Http = {
    url,
    timeoutMs,
    getDispatcher: () => options.dispatcher ?? connections.get(),
    getToken: typeof token === 'function' ? token : () => Promise.resolve(token),
    nowMs: () => Date.now(),
  };
  const retry: RetryDeps = {
    policy: { ...DEFAULT_RETRY, ...options.retry },
    random: () => Math.random(),
    sleep: (delayMs, signal) => pause(delayMs, url, signal),
    onRetry: options.onRetry,
  };
  const call = createCaller(http, retry);

  return {
    url,
    wellKnown: (o) => call.getJson(WellKnownSchema, routes.wellKnown(), publicly(o)),
    whoami: (o) => call.getJson(WhoamiSchema, routes.whoami(), o),
    search: (query, o) =>
      call.getJson(SearchResultSchema, routes.workflows() + searchParameters(query), publicly(o)),
    async getWorkflow(id, o) {
      const path = routes.workflow(...partsOf(id));
      return expectSame(await call.getJson(WorkflowDocumentSchema, path, publicly(o)), { id }, url);
    },
    async getVersion(id, version, o) {
      const path = routes.version(...partsOf(id), version);
      return expectSame(await call.getJson(VersionDocumentSchema, path, publicly(o)), { id, version }, url);
    },
    async getReceipt(id, version, o) {
      const path = routes.receipt(...partsOf(id), version);
      return readReceipt((await call.get(path, MEDIA_TYPES.receipt, MAX_RECEIPT_BYTES, publicly(o))).body);
    },
    getBlob(digest, { sizeBytes, onProgress, signal }) {
      if (sizeBytes > MAX_BLOB_BYTES || sizeBytes < 0) {
        return Promise.reject(
          new ClientError(
            'response.too_large',
            `a bundle of ${sizeBytes} bytes is beyond the limit of ${MAX_BLOB_BYTES}`,
          ),
        );
      }
      const path = routes.blob(hexOfDigest(digest));
      return download(http, retry, { path, accept: MEDIA_TYPES.bundle, sizeBytes, onProgress, signal });
    },
    async publish({ envelope, blob }, o) {
      const { contentType, body } = encodeMultipart(
        [
          {
            name: PUBLISH_PARTS.envelope,
            fileName: 'envelope.json',
            contentType: MEDIA_TYPES.envelope,
            bytes: encodeEnvelope(envelope),
          },
          {
            name: PUBLISH_PARTS.bundle,
            fileName: 'bundle.tar.gz',
            contentType: MEDIA_TYPES.bundle,
            bytes: blob,
          },
        ],
        `sheaf-${randomBytes(24).toString('hex')}`,
      );
      const response = await call.send(
        {
          method: 'POST',
          path: routes.workflows(),
          accept: MEDIA_TYPES.receipt,
          body: { contentType, bytes: body },
          maxBytes: MAX_RECEIPT_BYTES,
          idempotent: true,
        },
        o,
      );
      return { created: response.status === 201, receipt: readReceipt(response.body) };
    },
    async createNamespace(name, o) {
      const request = { method: 'POST', path: routes.namespaces(), json: { name } } as const;
      return expectSame((await call.sendJson(NamespaceSchema, request, o)).value, { name }, url);
    },
    async getNamespace(name, o) {
      return expectSame(await call.getJson(NamespaceSchema, routes.namespace(name), o), { name }, url);
    },
    async registerKey(envelope, o) {
      const response = await call.send(
        {
          method: 'POST',
          path: routes.keys(),
          accept: JSON_TYPE,
          body: { contentType: MEDIA_TYPES.envelope, bytes: encodeEnvelope(envelope) },
          maxBytes: MAX_DOCUMENT_BYTES,
          idempotent: false,
        },
        o,
      );
      return { created: response.status === 201, namespace: readJson(NamespaceSchema, response.body, url) };
    },
    async deprecate(id, version, request, o) {
      const path = routes.deprecate(...partsOf(id), version);
      const { value } = await call.sendJson(VersionDocumentSchema, { method: 'PUT', path, json: request }, o);
      return expectSame(value, { id, version }, url);
    },
    async undeprecate(id, version, o) {
      const path = routes.deprecate(...partsOf(id), version);
      const { value } = await call.sendJson(VersionDocumentSchema, { method: 'DELETE', path }, o);
      return expectSame(value, { id, version }, url);
    },
    async getCheckpoint(o) {
      const path = routes.checkpoint('public');
      const { body } = await call.get(path, 'text/plain', MAX_NOTE_BYTES, publicly(o));
      return Buffer.from(body).toString('utf8');
    },
    getTile: (level, index, width, o) => getTile(call, { level, index, width }, o),
    async createToken(request, o) {
      return (
        await call.sendJson(CreatedTokenSchema, { method: 'POST', path: routes.tokens(), json: request }, o)
      ).value;
    },
    close: () => connections.close(),
  };
}

function partsOf(id: WorkflowId): [string, string] {
  const { namespace, name } = splitWorkflowId(id);
  return [namespace, name];
}

/** @throws ClientError `receipt.invalid` */
function readReceipt(bytes: Uint8Array): Receipt {
  try {
    return parseReceipt(bytes);
  } catch (cause) {
    throw new ClientError('receipt.invalid', 'the registry answered with a receipt that is not valid', {
      hint: 'try again without a proxy or mirror, then report it to the operator of the registry',
      cause,
    });
  }
}

/** A read that everybody may do, and that therefore says nothing of who does it. */
function publicly(options: CallOptions = {}): CallOptions & { readonly authenticate: false } {
  return { ...options, authenticate: false };
}

/** An answer must speak of what was asked for. @throws ClientError `response.invalid` */
function expectSame<T extends object>(answer: T, asked: Partial<T>, url: string): T {
  const names = Object.keys(asked) as (keyof T)[];
  if (names.every((name) => answer[name] === asked[name])) return answer;
  throw new ClientError(
    'response.invalid',
    `the registry at ${url} answered for something else than ${Object.values(asked).join(' ')}`,
    { hint: 'try again without a proxy or mirror, then report it to the operator of the registry' },
  );
}

function searchParameters(query: SearchQuery): string {
  const parameters = new URLSearchParams();
  if (query.text !== undefined && query.text !== '') parameters.set('q', query.text);
  for (const tag of query.tags ?? []) parameters.append('tag', tag);
  for (const name of ['owner', 'license', 'permission', 'limit', 'cursor'] as const) {
    const value = query[name];
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

async function pause(delayMs: number, url: string, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw abortError(signal?.reason ?? error, url);
  }
}
