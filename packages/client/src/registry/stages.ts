import type { Envelope, Receipt } from '@sheaf/bundle';
import {
  MEDIA_TYPES,
  ReceiptListSchema,
  routes,
  StageListSchema,
  StageSchema,
  type SignStageRequest,
  type Stage,
  type StageList,
} from '../contract/index.js';
import { MAX_BLOB_BYTES, MAX_RECEIPT_BYTES } from '../limits.js';
import { readReceipt } from './answers.js';
import { ANY_TYPE, JSON_TYPE, MAX_DOCUMENT_BYTES, type Caller, type CallOptions } from './caller.js';
import { readJson } from './json.js';
import { encodeParts } from './multipart.js';
import { publishQuery, type PublishOptions } from './publish-options.js';

/** A signed workflow, ready to be sent. */
export interface SignedUpload {
  readonly envelope: Envelope;
  readonly blob: Uint8Array;
}

/** Publishing several at once, and versions that wait for an approval. */
export interface StageMethods {
  /**
   * Publishes up to 16 workflows of one log together or not at all; their receipts in the same order. Safe to repeat, as
   * `publish` is.
   */
  publishAll(
    uploads: readonly SignedUpload[],
    options?: PublishOptions,
  ): Promise<{ readonly created: boolean; readonly receipts: readonly Receipt[] }>;
  /** Keeps workflows that others approve before anybody sees them. */
  stage(uploads: readonly SignedUpload[], options?: Omit<PublishOptions, 'channel'>): Promise<Stage>;
  /** What waits for signatures in the namespaces that the caller may publish to. */
  listStages(options?: CallOptions): Promise<StageList>;
  /** A stage and who has signed what of it. */
  getStage(id: string, options?: CallOptions): Promise<Stage>;
  /** The compressed bundle of a staged version by its place in the stage, unverified. */
  getStagedBundle(id: string, index: number, options?: CallOptions): Promise<Uint8Array>;
  /** Approves with one signature for each version: the receipts once enough keys have signed, else how it stands. */
  signStage(
    id: string,
    signatures: SignStageRequest['signatures'],
    options?: CallOptions,
  ): Promise<{ readonly receipts: readonly Receipt[] } | { readonly stage: Stage }>;
  /** Throws staged versions away; they can be staged again. */
  deleteStage(id: string, options?: CallOptions): Promise<void>;
}

export function stageMethods(call: Caller, url: string): StageMethods {
  const upload = (uploads: readonly SignedUpload[], query: string, accept: string, o?: CallOptions) => {
    const { contentType, body } = encodeParts(uploads);
    return call.send(
      {
        method: 'POST',
        path: routes.workflows() + query,
        accept,
        body: { contentType, bytes: body },
        maxBytes: MAX_RECEIPT_BYTES * uploads.length,
        idempotent: true,
      },
      o,
    );
  };
  const access = 'token';
  return {
    async publishAll(uploads, { force, channel, ...o } = {}) {
      const single = uploads.length === 1;
      const query = publishQuery({ force, channel });
      const { status, body } = await upload(uploads, query, single ? MEDIA_TYPES.receipt : JSON_TYPE, o);
      return { created: status === 201, receipts: single ? [readReceipt(body)] : readReceipts(body, url) };
    },
    async stage(uploads, { force, ...o } = {}) {
      const { body } = await upload(uploads, publishQuery({ force, stage: true }), JSON_TYPE, o);
      return readJson(StageSchema, body, url);
    },
    listStages: (o) => call.getJson(StageListSchema, routes.stages(), { ...o, access }),
    getStage: (id, o) => call.getJson(StageSchema, routes.stage(id), { ...o, access }),
    async getStagedBundle(id, index, o) {
      const path = routes.stagedBundle(id, index);
      return (await call.get(path, MEDIA_TYPES.bundle, MAX_BLOB_BYTES, { ...o, access })).body;
    },
    async signStage(id, signatures, o) {
      const { status, body } = await call.send(
        {
          method: 'POST',
          path: routes.stageSignatures(id),
          accept: JSON_TYPE,
          body: { contentType: JSON_TYPE, bytes: Buffer.from(JSON.stringify({ signatures })) },
          maxBytes: Math.max(MAX_DOCUMENT_BYTES, MAX_RECEIPT_BYTES * signatures.length),
          idempotent: true,
        },
        o,
      );
      return status === 202
        ? { stage: readJson(StageSchema, body, url) }
        : { receipts: readReceipts(body, url) };
    },
    async deleteStage(id, o) {
      const path = routes.stage(id);
      await call.send({ method: 'DELETE', path, accept: ANY_TYPE, maxBytes: 1024, idempotent: true }, o);
    },
  };
}

function readReceipts(body: Uint8Array, url: string): readonly Receipt[] {
  const { receipts } = readJson(ReceiptListSchema, body, url);
  return receipts.map((receipt) => readReceipt(Buffer.from(JSON.stringify(receipt))));
}
