import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { tooLarge } from '../filesystem-errors.js';
import { invalidRange } from '../filesystem-read.js';
import { MAX_OBJECT_BYTES, ObjectStoreError, type ReadOptions } from '../port.js';
import { statusOf } from './s3-errors.js';

export interface S3Read {
  readonly bucket: string;
  /** As the store names it. */
  readonly name: string;
  /** As messages name it. */
  readonly key: string;
  readonly range?: string;
  readonly signal: AbortSignal;
}

/** The bytes of an object, or of a range of it; undefined when there is none. */
export async function readObject(
  client: S3Client,
  { bucket, name, key, range, signal }: S3Read,
  options: ReadOptions | undefined,
): Promise<Uint8Array | undefined> {
  const limit = Math.min(options?.maxBytes ?? MAX_OBJECT_BYTES, MAX_OBJECT_BYTES);
  const answer = await client
    .send(new GetObjectCommand({ Bucket: bucket, Key: name, ...(range !== undefined && { Range: range }) }), {
      abortSignal: signal,
    })
    .catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      if (statusOf(error) === 416) throw invalidRange('begins past the end of the object');
      throw error;
    });
  if (answer === undefined) return undefined;
  const body = answer.Body as (AsyncIterable<Uint8Array> & { destroy(): void }) | undefined;
  const length = answer.ContentLength;
  if (body === undefined || length === undefined) throw new Error('the store answers without a length');
  if (length > limit) {
    body.destroy();
    throw tooLarge(key, length, limit);
  }
  return readBody(body, length, key);
}

/** An absent object, as GET and HEAD tell it; an absent bucket is something else. */
export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404 && (error as { name?: unknown }).name !== 'NoSuchBucket';
}

async function readBody(
  body: AsyncIterable<Uint8Array> & { destroy(): void },
  length: number,
  key: string,
): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let offset = 0;
  for await (const chunk of body) {
    if (offset + chunk.length > length) {
      body.destroy();
      break;
    }
    buffer.set(chunk, offset);
    offset += chunk.length;
  }
  if (offset !== length)
    throw new ObjectStoreError('object.unavailable', `object ${key} ended while it was read`, {
      hint: 'try again; if it stays so, restore the object from a backup or a mirror',
    });
  return buffer;
}
