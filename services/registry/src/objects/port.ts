/** What an object key may be: lower-case path segments that neither begin nor end with a dot, so never `..`. */
const KEY_PATTERN = /^[a-z0-9_-](?:[a-z0-9._-]*[a-z0-9_-])?(?:\/[a-z0-9_-](?:[a-z0-9._-]*[a-z0-9_-])?)*$/;
const PREFIX_PATTERN = /^(?:[a-z0-9_-][a-z0-9._/-]*)?$/;
const DIGEST_PATTERN = /^sha256:([0-9a-f]{64})$/;

/** Longest object key, in characters. */
const MAX_KEY_LENGTH = 512;
/** Longest segment of an object key, in characters: file systems stop at 255. */
const MAX_KEY_SEGMENT_LENGTH = 200;
/** Largest object that a store takes or gives, in bytes: above every bundle limit, below what one process can hold. */
export const MAX_OBJECT_BYTES = 128 * 1024 * 1024;

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Refuse a larger object with `object.too_large` instead of reading it. Default and maximum: `MAX_OBJECT_BYTES`. */
  readonly maxBytes?: number;
}

export interface PresignOptions {
  /** For how long the link works, in seconds: 1 to 3,600. */
  readonly expiresSeconds: number;
  /** The media type that the store answers with. */
  readonly contentType: string;
}

export interface ObjectEntry {
  readonly key: string;
  readonly sizeBytes: number;
  /** When the object was created, in milliseconds since the epoch, by the clock of the store. */
  readonly modifiedMs: number;
}

/**
 * Where blobs live. Objects are immutable: a key is written once and read for ever, or deleted.
 *
 * Every method refuses a key outside the grammar with `object.key_invalid` and reports a store that does not work
 * with `object.unavailable`. No key may be a path prefix of another (`a` and `a/b`): a file system cannot hold both.
 */
export interface ObjectStore {
  /**
   * Stores the bytes unless the key exists. When it resolves, with either answer, the object is fully persisted: it
   * outlives a power cut. When it rejects, the object is absent or complete, never partial, and the call may be repeated.
   * Of several callers with one absent key exactly one is told `created`. An existing object is never rewritten.
   */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'>;
  /** The whole object, or undefined when there is none. */
  get(key: string, options?: ReadOptions): Promise<Uint8Array | undefined>;
  /**
   * The bytes from `start` to `endInclusive`, both counted from 0; an end past the object's is cut to it. Undefined when
   * there is no such object; `object.range_invalid` when the range is malformed or begins past the end.
   */
  getRange(
    key: string,
    start: number,
    endInclusive: number,
    options?: ReadOptions,
  ): Promise<Uint8Array | undefined>;
  /** The object's size in bytes, or undefined when there is none. */
  size(key: string, options?: Pick<ReadOptions, 'signal'>): Promise<number | undefined>;
  /** Removes the object; an absent one is a success. When it resolves, the object stays away after a power cut. */
  delete(key: string): Promise<void>;
  /**
   * Every object whose key begins with the prefix (any text, not only whole segments), in ascending order of key. What is
   * written or deleted meanwhile may or may not appear; what stays untouched appears exactly once.
   */
  list(prefix: string): AsyncIterable<ObjectEntry>;
  /** The keys alone that `list` gives, for less where a store must look at each object to say more of it. */
  listKeys(prefix: string): AsyncIterable<string>;
  /** Resolves when the store can be read and written now; rejects with `object.unavailable` and the reason. */
  check(): Promise<void>;
  /**
   * A link with which anybody reads this one object from the store itself until it expires, whether the object exists or
   * not. Absent for stores that nobody can reach but this process, and for those whose operator keeps it off.
   */
  readonly presign?: (key: string, options: PresignOptions) => Promise<string>;
  /**
   * False for a store that cannot create and refuse to replace in one step: `putIfAbsent` then looks before it writes, and
   * of two callers with one absent key both may be told `created`, the later one's bytes being kept.
   */
  readonly createsOnce?: boolean;
}

export type ObjectStoreErrorCode =
  'object.key_invalid' | 'object.range_invalid' | 'object.too_large' | 'object.unavailable';

/** The one error of the object stores. Branch on `code`. */
export class ObjectStoreError extends Error {
  override readonly name = 'ObjectStoreError';
  readonly code: ObjectStoreErrorCode;
  readonly hint?: string;

  constructor(code: ObjectStoreErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options.hint !== undefined) this.hint = options.hint;
  }
}

/** The key of the blob with this digest: `b/sha256/ab/<64 hex>`, fanned out by the first byte. */
export function blobKey(digest: `sha256:${string}`): string {
  const hex = DIGEST_PATTERN.exec(digest)?.[1];
  if (hex === undefined) {
    throw new ObjectStoreError(
      'object.key_invalid',
      'a blob key needs a digest of sha256: and 64 hex digits',
    );
  }
  return `b/sha256/${hex.slice(0, 2)}/${hex}`;
}

/** Whether the text is an object key: `[a-z0-9._/-]`, at most 512 characters. */
export function isObjectKey(text: string): boolean {
  return (
    text.length <= MAX_KEY_LENGTH &&
    KEY_PATTERN.test(text) &&
    text.split('/').every((segment) => segment.length <= MAX_KEY_SEGMENT_LENGTH)
  );
}

/** Throws `object.key_invalid` unless the text is an object key. */
export function assertObjectKey(text: string): void {
  if (!isObjectKey(text)) throw invalidKey('object key', text);
}

/** Throws `object.key_invalid` unless the text can begin an object key; the empty text can. */
export function assertObjectPrefix(prefix: string): void {
  if (prefix.length > MAX_KEY_LENGTH || !PREFIX_PATTERN.test(prefix) || /\/\.|\.\/|\/\//.test(prefix)) {
    throw invalidKey('object prefix', prefix);
  }
}

function invalidKey(what: string, text: string): ObjectStoreError {
  const shown = JSON.stringify(text.slice(0, 80).replace(/[^\x20-\x7e]/g, '?'));
  return new ObjectStoreError('object.key_invalid', `${what} ${shown} is not valid`, {
    hint: `use segments of a-z, 0-9, ".", "_" and "-", none beginning or ending with a dot, at most ${MAX_KEY_LENGTH} characters in all`,
  });
}
