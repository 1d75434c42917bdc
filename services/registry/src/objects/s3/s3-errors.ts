import { ObjectStoreError } from '../port.js';

/** What is shown of a store: never its credentials. */
export interface S3Place {
  readonly bucket: string;
  /** Host of the service, or the region when it is AWS. */
  readonly service: string;
}

interface SdkError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The HTTP status of an answer that the SDK has turned into an error; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return (error as SdkError | undefined)?.$metadata?.httpStatusCode;
}

export function nameOf(error: unknown): string {
  const { name } = (error ?? {}) as SdkError;
  return typeof name === 'string' ? name : 'unknown';
}

/** What to do about the errors that operators meet, by the code of S3 or of the network. */
const HINTS: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'check SHEAF_S3_ACCESS_KEY_ID: the service does not know it',
  SignatureDoesNotMatch:
    'check SHEAF_S3_SECRET_ACCESS_KEY and SHEAF_S3_REGION: the service refuses the signature',
  RequestTimeTooSkewed:
    'set the clock of this machine, for instance with NTP: it differs from that of the service',
  RequestExpired: 'set the clock of this machine, for instance with NTP: it differs from that of the service',
  ExpiredToken: 'renew the credentials: they have expired',
  NoSuchBucket: 'create the bucket, or check SHEAF_S3_BUCKET',
  AccessDenied: 'give the key the right to list, read, write and delete in the bucket',
  Forbidden: 'check the credentials and what they may do in the bucket',
  PermanentRedirect: 'set SHEAF_S3_REGION and SHEAF_S3_ENDPOINT to where the bucket is',
  AuthorizationHeaderMalformed: 'set SHEAF_S3_REGION to the region of the bucket',
  CredentialsProviderError:
    'set SHEAF_S3_ACCESS_KEY_ID and SHEAF_S3_SECRET_ACCESS_KEY, or give this machine a role',
  ENOTFOUND:
    'check the host of SHEAF_S3_ENDPOINT, and SHEAF_S3_FORCE_PATH_STYLE: the name cannot be resolved',
  EAI_AGAIN: 'check the DNS of this machine: the name of the service cannot be resolved now',
  ECONNREFUSED: 'start the service, or check SHEAF_S3_ENDPOINT: nothing listens there',
  QuotaExceeded: 'make room in the bucket or raise its quota',
  TimeoutError: 'check the network between this machine and the service',
  SlowDown: 'try again later: the service is overloaded',
};
const DEFAULT_HINT = 'check that the service runs and can be reached from this machine';
/** Seldom seen names are not shown beyond this; they come from outside. */
const NAME = /^[A-Za-z][A-Za-z0-9.]{0,63}$/;

/** Turns what the SDK threw into `object.unavailable`; our own errors and the caller's abort pass as they are. */
export function unavailable(error: unknown, place: S3Place, signal?: AbortSignal): Error {
  if (error instanceof ObjectStoreError) return error;
  if (signal?.aborted === true) return signal.reason as Error;
  const code = codeOf(error);
  const status = statusOf(error);
  const what = status === undefined ? code : `${code} (HTTP ${status})`;
  const hint = HINTS[code] ?? (status !== undefined && status >= 500 ? HINTS['SlowDown'] : undefined);
  return new ObjectStoreError(
    'object.unavailable',
    `the object store ${place.bucket} at ${place.service} does not work: ${what}`,
    // The SDK's error is not kept: it holds the request, headers included.
    { hint: hint ?? DEFAULT_HINT },
  );
}

/** The code of S3, else of the network, whose errors the SDK wraps. */
function codeOf(error: unknown): string {
  let inner = error as SdkError | undefined;
  for (let depth = 0; depth < 4 && inner !== undefined; depth += 1) {
    if (typeof inner.code === 'string' && /^[A-Z][A-Z_]+$/.test(inner.code)) return inner.code;
    inner = inner.cause as SdkError | undefined;
  }
  const name = nameOf(error);
  if (name === 'AbortError') return 'TimeoutError';
  // A HEAD has no body to name the error in.
  if (statusOf(error) === 403 && !Object.hasOwn(HINTS, name)) return 'Forbidden';
  return NAME.test(name) ? name : 'unknown';
}

/** How the service is named in messages. */
export function serviceOf(endpoint: string | undefined, region: string): string {
  return endpoint === undefined ? region : new URL(endpoint).host;
}
