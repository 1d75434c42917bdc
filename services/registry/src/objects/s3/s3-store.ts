import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { S3Config } from '../../config/objects.js';
import { tooLarge } from '../filesystem-errors.js';
import { assertRange } from '../filesystem-read.js';
import {
  assertObjectKey,
  assertObjectPrefix,
  isObjectKey,
  MAX_OBJECT_BYTES,
  type ObjectEntry,
  type ObjectStore,
} from '../port.js';
import { createS3Client } from './s3-client.js';
import { canCreateOnce, createAfterLooking, createOnce, type S3Target } from './s3-create.js';
import { serviceOf, unavailable, type S3Place } from './s3-errors.js';
import { isNotFound, readObject } from './s3-read.js';

/** Of one call, retries included: beyond it the caller is told that the store does not work. */
const CALL_TIMEOUT_MS = 45_000;
const PAGE_SIZE = 1_000;
const MAX_LINK_SECONDS = 3_600;
/** Where the store tries itself. No object key begins with a dot, so nobody lists it. */
const PROBE_FOLDER = '.probe/';

/** An S3 store, which holds connections until it is closed. */
export interface S3Store extends ObjectStore {
  readonly createsOnce: boolean;
  close(): void;
}

/**
 * Opens a store in a bucket of a service that speaks S3. Where the service creates in one step this is found out here, with
 * an object that is removed again.
 *
 * @throws ObjectStoreError `object.unavailable`; StartError `objects.credentials`
 */
export async function openS3Store(config: S3Config): Promise<S3Store> {
  const client = await createS3Client(config);
  const { bucket } = config;
  const place: S3Place = { bucket, service: serviceOf(config.endpoint, config.region) };
  const target: S3Target = { client, bucket };

  const calling = async <T>(work: (signal: AbortSignal) => Promise<T>, caller?: AbortSignal): Promise<T> => {
    caller?.throwIfAborted();
    const limit = AbortSignal.timeout(CALL_TIMEOUT_MS);
    try {
      return await work(caller === undefined ? limit : AbortSignal.any([limit, caller]));
    } catch (error) {
      throw unavailable(error, place, caller);
    }
  };
  const nameOf = (key: string): string => {
    assertObjectKey(key);
    return config.prefix + key;
  };

  const probeFolder = config.prefix + PROBE_FOLDER;
  const createsOnce =
    config.conditional === 'auto' && (await calling((signal) => canCreateOnce(target, probeFolder, signal)));

  async function* list(prefix: string): AsyncGenerator<ObjectEntry> {
    let continueAt: string | undefined;
    do {
      const page = await calling((abortSignal) =>
        client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: config.prefix + prefix,
            MaxKeys: PAGE_SIZE,
            ...(continueAt !== undefined && { ContinuationToken: continueAt }),
          }),
          { abortSignal },
        ),
      );
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        const key = Key?.slice(config.prefix.length);
        // What an operator or a probe put there is not ours to name.
        if (key === undefined || !isObjectKey(key)) continue;
        yield { key, sizeBytes: Size ?? 0, modifiedMs: LastModified?.getTime() ?? 0 };
      }
      continueAt = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (continueAt !== undefined);
  }

  return {
    createsOnce,
    putIfAbsent: async (key, bytes) => {
      const name = nameOf(key);
      if (bytes.length > MAX_OBJECT_BYTES) throw tooLarge(key, bytes.length, MAX_OBJECT_BYTES);
      const create = createsOnce ? createOnce : createAfterLooking;
      return calling((signal) => create(target, { name, bytes, signal }));
    },
    get: async (key, options) => {
      const name = nameOf(key);
      return calling((signal) => readObject(client, { bucket, name, key, signal }, options), options?.signal);
    },
    getRange: async (key, start, endInclusive, options) => {
      const name = nameOf(key);
      assertRange(start, endInclusive);
      const range = `bytes=${start}-${endInclusive}`;
      return calling(
        (signal) => readObject(client, { bucket, name, key, range, signal }, options),
        options?.signal,
      );
    },
    size: async (key, options) => {
      const command = new HeadObjectCommand({ Bucket: bucket, Key: nameOf(key) });
      return calling(
        (abortSignal) =>
          client.send(command, { abortSignal }).then(
            (head) => head.ContentLength,
            (error: unknown) => {
              if (isNotFound(error)) return undefined;
              throw error;
            },
          ),
        options?.signal,
      );
    },
    delete: async (key) => {
      const command = new DeleteObjectCommand({ Bucket: bucket, Key: nameOf(key) });
      await calling((abortSignal) => client.send(command, { abortSignal }));
    },
    list: (prefix) => {
      assertObjectPrefix(prefix);
      return list(prefix);
    },
    listKeys: (prefix) => {
      assertObjectPrefix(prefix);
      return keysOf(list(prefix));
    },
    check: async () => {
      const probe = { Bucket: bucket, Key: `${probeFolder}ready` };
      await calling(async (abortSignal) => {
        await client.send(new PutObjectCommand({ ...probe, Body: new Uint8Array([1]) }), { abortSignal });
        await client.send(new GetObjectCommand(probe), { abortSignal }).then(({ Body }) => {
          (Body as { destroy?: () => void } | undefined)?.destroy?.();
        });
      });
    },
    ...(config.redirect &&
      ({
        presign: async (key, { expiresSeconds, contentType }) => {
          if (!Number.isInteger(expiresSeconds) || expiresSeconds < 1 || expiresSeconds > MAX_LINK_SECONDS)
            throw new Error(`a link works for 1 to ${MAX_LINK_SECONDS} seconds, not ${expiresSeconds}`);
          const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
          const command = new GetObjectCommand({
            Bucket: bucket,
            Key: nameOf(key),
            ResponseContentType: contentType,
          });
          try {
            return await getSignedUrl(client, command, { expiresIn: expiresSeconds });
          } catch (error) {
            throw unavailable(error, place);
          }
        },
      } satisfies Partial<ObjectStore>)),
    close: () => {
      client.destroy();
    },
  };
}

async function* keysOf(entries: AsyncIterable<ObjectEntry>): AsyncGenerator<string> {
  for await (const { key } of entries) yield key;
}
