import { numberOf, textOf, parseNumber, type Env } from './env.js';

const MIB = 1024 * 1024;

/** How reads are answered, and how many of them. */
export interface ReadsConfig {
  /** Memory for rendered answers, in bytes, in each process. */
  readonly answerBytes: number;
  /** Memory for whole blobs. */
  readonly blobBytes: number;
  /** Memory for unpacked bundles. */
  readonly bundleBytes: number;
  /** Requests a minute from one address without a token, in each process; undefined for as many as come. */
  readonly requestsPerMinute: number | undefined;
  /** How many proxies in front of the service append to `X-Forwarded-For`. */
  readonly trustedHops: number;
}

export const READS_USAGE = `\
  SHEAF_ANSWER_CACHE_MB     memory for rendered answers, in each process (default 32)
  SHEAF_BLOB_CACHE_MB       memory for bundles up to 4 MiB that are sent (default 64)
  SHEAF_BUNDLE_CACHE_MB     memory for unpacked bundles, of which files are shown (default 32)
  SHEAF_LIMIT_ADDRESS_REQUESTS  requests a minute from one address without a token, in each process, or none (default 60000)
  SHEAF_TRUSTED_HOPS        proxies in front that append to X-Forwarded-For (default 0: the peer is the client)
`;

/** @throws StartError `usage.invalid` */
export function parseReadsConfig(env: Env): ReadsConfig {
  const cache = (name: string, otherwise: number) =>
    numberOf(env, name, { default: otherwise, least: 1, most: 65_536 }) * MIB;
  return {
    answerBytes: cache('SHEAF_ANSWER_CACHE_MB', 32),
    blobBytes: cache('SHEAF_BLOB_CACHE_MB', 64),
    bundleBytes: cache('SHEAF_BUNDLE_CACHE_MB', 32),
    requestsPerMinute: requestsPerMinute(env),
    trustedHops: numberOf(env, 'SHEAF_TRUSTED_HOPS', { default: 0, least: 0, most: 10 }),
  };
}

function requestsPerMinute(env: Env): number | undefined {
  const name = 'SHEAF_LIMIT_ADDRESS_REQUESTS';
  const text = textOf(env, name) ?? '60000';
  return text === 'none' ? undefined : parseNumber(name, text, { least: 1, most: 1_000_000_000 });
}
