import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

const compress = promisify(gzip);

/** Below this compression saves no packet. */
const MIN_COMPRESSED_BYTES = 1024;
/** What a smaller answer must save to be worth that it is unpacked. */
const WORTHWHILE = 0.9;

/** The bytes of a document in one encoding. Each has an entity tag of its own, for strong tags name bytes (RFC 9110 §8.8.1). */
export interface Variant {
  readonly body: Buffer;
  /** With its quotes. */
  readonly etag: string;
}

/** An answer that was rendered: whoever asks gets these bytes, and nothing is computed but which of them. */
export interface ReadyDocument {
  readonly kind: 'document';
  /** Pattern of the route that made it, for logs and metrics. */
  readonly route: string;
  readonly type: string;
  readonly cacheControl: string;
  readonly vary: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Not for a browser whose session makes another page of it. */
  readonly isForStrangers: boolean;
  readonly identity: Variant;
  readonly gzip: Variant | undefined;
}

/** An answer whose bytes are a blob. */
export interface ReadyBlob {
  readonly kind: 'blob';
  readonly route: string;
  readonly type: string;
  readonly cacheControl: string;
  readonly blob: BlobSource;
  /** The version that a download of it counts for. */
  readonly versionId: number | undefined;
}

/** Where the bytes of a bundle are, and what they must be. */
export interface BlobSource {
  /** Of the tar inside: names it in the store, and is its entity tag. */
  readonly digest: `sha256:${string}`;
  readonly sizeBytes: number;
  /** Of the blob itself. */
  readonly sha256: Buffer;
}

export type ReadyAnswer = ReadyDocument | ReadyBlob;

export interface DocumentForm {
  readonly route: string;
  readonly type: string;
  readonly cacheControl: string;
  /** Headers of the request, beside `Accept-Encoding`, that make a difference. */
  readonly varies?: readonly string[];
  /** Further headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Names the bytes, for those that are not to be hashed each time. */
  readonly tag?: string;
  /** Whoever is signed in with a browser gets something else. */
  readonly isForStrangers?: boolean;
  /** Whether compression is worth a try; not for bytes that are dense already. */
  readonly isCompressible?: boolean;
}

/** Makes everything of an answer that does not depend on the request. */
export async function readyDocument(body: Buffer, form: DocumentForm): Promise<ReadyDocument> {
  const {
    route,
    type,
    cacheControl,
    varies = [],
    headers = {},
    isCompressible = true,
    isForStrangers = false,
  } = form;
  const hash = form.tag ?? createHash('sha256').update(body).digest('hex').slice(0, 32);
  return {
    kind: 'document',
    route,
    type,
    cacheControl,
    vary: ['Accept-Encoding', ...varies].join(', '),
    headers,
    isForStrangers,
    identity: { body, etag: `"${hash}"` },
    gzip: isCompressible ? await compressed(body, hash) : undefined,
  };
}

async function compressed(body: Buffer, hash: string): Promise<Variant | undefined> {
  if (body.length < MIN_COMPRESSED_BYTES) return undefined;
  const packed = await compress(body, { level: constants.Z_DEFAULT_COMPRESSION });
  if (packed.length > body.length * WORTHWHILE) return undefined;
  return { body: packed, etag: `"${hash}-gzip"` };
}

/** What holding an answer costs beside its bytes: names, tags and objects, by rule of thumb. */
const OVERHEAD_BYTES = 1024;

/** Memory that an answer takes, in bytes. */
export function sizeOfAnswer(answer: ReadyAnswer): number {
  if (answer.kind === 'blob') return OVERHEAD_BYTES;
  return OVERHEAD_BYTES + answer.identity.body.length + (answer.gzip?.body.length ?? 0);
}
