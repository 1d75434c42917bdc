import { switchOf, textOf, urlOf, usageError, wordOf, type Env } from './env.js';

/** A store that speaks S3. */
export interface S3Config {
  readonly bucket: string;
  /** URL of the service. Unset: AWS, by the region. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** What every key in the bucket begins with; empty, or ending with a slash. */
  readonly prefix: string;
  /** Unset: the chain of the SDK, such as a role of the machine. */
  readonly credentials: S3Credentials | undefined;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. */
  readonly forcePathStyle: boolean;
  /** Whether creating is left to the store when it can; `off` looks before it writes. */
  readonly conditional: 'auto' | 'off';
  /** Whether readers are sent to the store. */
  readonly redirect: boolean;
}

/** Where a key pair is: each half a value, or the path of a file that holds it. */
export interface S3Credentials {
  readonly accessKeyId: SecretSource;
  readonly secretAccessKey: SecretSource;
}

export type SecretSource = { readonly value: string } | { readonly file: string };

export interface ObjectsConfig {
  /** Unset: the folder `blobs` of the data directory. */
  readonly s3: S3Config | undefined;
}

export const OBJECTS_USAGE = `  SHEAF_S3_BUCKET           keep blobs in this bucket of an S3 service, instead of the data directory
  SHEAF_S3_ENDPOINT         URL of the service (default: AWS, by the region)
  SHEAF_S3_REGION           region (default us-east-1)
  SHEAF_S3_PREFIX           what every key begins with, such as sheaf/ (default none)
  SHEAF_S3_ACCESS_KEY_ID, SHEAF_S3_SECRET_ACCESS_KEY
                            credentials; with _FILE at the end, files that hold them (default: the SDK's chain)
  SHEAF_S3_FORCE_PATH_STYLE on, off: the bucket in the path, not in the host (default: on with an endpoint)
  SHEAF_S3_CONDITIONAL      auto, off: create with If-None-Match where the store can (default auto)
  SHEAF_S3_REDIRECT         on, off: send downloads to the store with signed links (default off)
`;

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const REGION = /^[a-z0-9-]{1,64}$/;
const PREFIX = /^(?:[a-z0-9_-]{1,64}\/){1,3}$/;

/** @throws StartError `usage.invalid` */
export function parseObjectsConfig(env: Env): ObjectsConfig {
  const bucket = textOf(env, 'SHEAF_S3_BUCKET');
  if (bucket === undefined) {
    const stray = Object.keys(env).find((name) => name.startsWith('SHEAF_S3_') && textOf(env, name));
    if (stray !== undefined)
      throw usageError(`${stray} is set without SHEAF_S3_BUCKET`, 'set SHEAF_S3_BUCKET, or unset the others');
    return { s3: undefined };
  }
  const endpoint = urlOf(env, 'SHEAF_S3_ENDPOINT')?.href.replace(/\/$/, '');
  const prefix = textOf(env, 'SHEAF_S3_PREFIX');
  return {
    s3: {
      bucket: matching('SHEAF_S3_BUCKET', bucket, BUCKET, 'use the name of a bucket, such as sheaf-blobs'),
      endpoint,
      region: matching(
        'SHEAF_S3_REGION',
        textOf(env, 'SHEAF_S3_REGION') ?? 'us-east-1',
        REGION,
        'use the name of a region, such as eu-central-1',
      ),
      prefix:
        prefix === undefined
          ? ''
          : matching(
              'SHEAF_S3_PREFIX',
              prefix.endsWith('/') ? prefix : `${prefix}/`,
              PREFIX,
              'use one to three names of a-z, 0-9, "_" and "-", each with a slash after it, such as sheaf/',
            ),
      credentials: parseCredentials(env),
      forcePathStyle: switchOf(env, 'SHEAF_S3_FORCE_PATH_STYLE', endpoint !== undefined),
      conditional: wordOf(env, 'SHEAF_S3_CONDITIONAL', ['auto', 'off'], 'auto'),
      redirect: switchOf(env, 'SHEAF_S3_REDIRECT', false),
    },
  };
}

function parseCredentials(env: Env): S3Credentials | undefined {
  const accessKeyId = secretSource(env, 'SHEAF_S3_ACCESS_KEY_ID');
  const secretAccessKey = secretSource(env, 'SHEAF_S3_SECRET_ACCESS_KEY');
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined;
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw usageError(
      'one of SHEAF_S3_ACCESS_KEY_ID and SHEAF_S3_SECRET_ACCESS_KEY is missing',
      'set both, or neither to use the credentials of the machine',
    );
  return { accessKeyId, secretAccessKey };
}

function secretSource(env: Env, name: string): SecretSource | undefined {
  const [value, file] = [textOf(env, name), textOf(env, `${name}_FILE`)];
  if (value !== undefined && file !== undefined)
    throw usageError(`${name} and ${name}_FILE are both set`, 'set one of them');
  if (value !== undefined) return { value };
  return file === undefined ? undefined : { file };
}

function matching(name: string, text: string, pattern: RegExp, hint: string): string {
  if (pattern.test(text)) return text;
  throw usageError(`${name} ${JSON.stringify(text.slice(0, 80))} is not valid`, hint);
}
