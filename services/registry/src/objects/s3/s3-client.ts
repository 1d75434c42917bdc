import { readFile } from 'node:fs/promises';
import { S3Client } from '@aws-sdk/client-s3';
import type { S3Config, S3Credentials, SecretSource } from '../../config/objects.js';
import { StartError } from '../../start-error.js';

/** One attempt, in milliseconds: to connect, and from the request to the last byte of the answer's head. */
const CONNECT_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 20_000;
const MAX_ATTEMPTS = 3;
const MAX_SOCKETS = 64;
const MAX_SECRET_BYTES = 4_096;

/** A client of the service, with bounded times and retries. @throws StartError `objects.credentials` */
export async function createS3Client(config: S3Config): Promise<S3Client> {
  const credentials = config.credentials && (await readCredentials(config.credentials));
  return new S3Client({
    region: config.region,
    ...(config.endpoint !== undefined && { endpoint: config.endpoint }),
    ...(credentials && { credentials }),
    forcePathStyle: config.forcePathStyle,
    maxAttempts: MAX_ATTEMPTS,
    // Objects are named by our own digests; many services know no other checksum.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      socketTimeout: REQUEST_TIMEOUT_MS,
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    },
  });
}

async function readCredentials({ accessKeyId, secretAccessKey }: S3Credentials) {
  return {
    accessKeyId: await readSecret('SHEAF_S3_ACCESS_KEY_ID', accessKeyId),
    secretAccessKey: await readSecret('SHEAF_S3_SECRET_ACCESS_KEY', secretAccessKey),
  };
}

async function readSecret(name: string, source: SecretSource): Promise<string> {
  if ('value' in source) return source.value;
  const text = await readFile(source.file, 'utf8').catch((cause: unknown) => {
    throw new StartError(
      'objects.credentials',
      `the file that ${name}_FILE names cannot be read`,
      'check its path and that this user may read it',
      cause,
    );
  });
  const secret = text.trim();
  if (secret === '' || secret.length > MAX_SECRET_BYTES || /\s/.test(secret))
    throw new StartError(
      'objects.credentials',
      `the file that ${name}_FILE names does not hold a key`,
      'put the key into it, on one line and nothing else',
    );
  return secret;
}
