import { randomUUID } from 'node:crypto';
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { nameOf, statusOf } from './s3-errors.js';
import { isNotFound } from './s3-read.js';

export interface S3Target {
  readonly client: S3Client;
  readonly bucket: string;
}

export interface S3Write {
  /** As the store names it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly signal: AbortSignal;
}

/** More than callers of one key can keep each other from succeeding. */
const MAX_CONFLICTS = 5;

/** Creates an object in one step, with `If-None-Match: *`; never replaces one. */
export async function createOnce(
  { client, bucket }: S3Target,
  write: S3Write,
): Promise<'created' | 'exists'> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: write.name, Body: write.bytes, IfNoneMatch: '*' }),
        { abortSignal: write.signal },
      );
      return 'created';
    } catch (error) {
      if (statusOf(error) === 412) return 'exists';
      // Another one creates it at this moment: whether it succeeds is not known yet.
      if (statusOf(error) !== 409 || attempt === MAX_CONFLICTS) throw error;
    }
  }
}

/**
 * Looks, then writes: for services that cannot create in one step. Of several callers with one absent key each may write, and
 * the last one's bytes stay; objects that are named by their content are the same whoever wrote them.
 */
export async function createAfterLooking(
  { client, bucket }: S3Target,
  { name, bytes, signal }: S3Write,
): Promise<'created' | 'exists'> {
  const isThere = await client
    .send(new HeadObjectCommand({ Bucket: bucket, Key: name }), { abortSignal: signal })
    .then(
      () => true,
      (error: unknown) => {
        if (isNotFound(error)) return false;
        throw error;
      },
    );
  if (isThere) return 'exists';
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: name, Body: bytes }), {
    abortSignal: signal,
  });
  return 'created';
}

/** Whether the service creates with `If-None-Match: *` and then refuses to replace: tried once, with an object of its own. */
export async function canCreateOnce(
  { client, bucket }: S3Target,
  folder: string,
  signal: AbortSignal,
): Promise<boolean> {
  const name = `${folder}create-${randomUUID()}`;
  const put = () =>
    client.send(
      new PutObjectCommand({ Bucket: bucket, Key: name, Body: new Uint8Array([1]), IfNoneMatch: '*' }),
      { abortSignal: signal },
    );
  try {
    await put();
  } catch (error) {
    if (isUnsupported(error)) return false;
    throw error;
  }
  try {
    await put();
    return false;
  } catch (error) {
    if (statusOf(error) === 412) return true;
    if (isUnsupported(error)) return false;
    throw error;
  } finally {
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: name }), { abortSignal: signal });
  }
}

/** The ways in which services say that they do not know the condition. */
function isUnsupported(error: unknown): boolean {
  return statusOf(error) === 501 || nameOf(error) === 'NotImplemented' || nameOf(error) === 'InvalidArgument';
}
