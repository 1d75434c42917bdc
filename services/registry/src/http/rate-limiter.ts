/** What is left to somebody after a request was counted. */
export interface RateVerdict {
  readonly isAllowed: boolean;
  /** Requests in a minute, which may also come all at once. */
  readonly perMinute: number;
  readonly remaining: number;
  /** Until all of them are there again. */
  readonly resetSeconds: number;
  /** Until this request would have been allowed; 0 when it was. */
  readonly retryAfterSeconds: number;
}

/** Counts requests in token buckets, one for each key, in this process. */
export interface RateLimiter {
  /** Counts a request that costs so much. One that is refused costs nothing, and no request costs more than a minute gives; of 0 a minute none is let in. */
  take(key: string, cost: number, perMinute: number): RateVerdict;
  readonly keys: number;
}

interface Bucket {
  tokens: number;
  filledMs: number;
}

const MINUTE_MS = 60_000;
/** For a limit of 0, which lets nobody in. */
const NOTHING: RateVerdict = {
  isAllowed: false,
  perMinute: 0,
  remaining: 0,
  resetSeconds: 60,
  retryAfterSeconds: 60,
};

/**
 * Buckets are kept in two generations of `maxKeys` each: when the young one is full the old one is forgotten, so that
 * memory stays bounded however many callers there are, and whoever comes often is remembered.
 */
export function createRateLimiter(now: () => number, maxKeys = 50_000): RateLimiter {
  let young = new Map<string, Bucket>();
  let old = new Map<string, Bucket>();

  const bucketOf = (key: string, perMinute: number): Bucket => {
    const known = young.get(key);
    if (known) return known;
    const bucket = old.get(key) ?? { tokens: perMinute, filledMs: now() };
    if (young.size >= maxKeys) {
      old = young;
      young = new Map();
    }
    young.set(key, bucket);
    return bucket;
  };

  return {
    take: (key, asked, perMinute) => {
      if (perMinute <= 0) return NOTHING;
      const bucket = bucketOf(key, perMinute);
      const atMs = now();
      const gained = (Math.max(0, atMs - bucket.filledMs) * perMinute) / MINUTE_MS;
      bucket.tokens = Math.min(perMinute, bucket.tokens + gained);
      bucket.filledMs = atMs;
      const cost = Math.min(asked, perMinute);
      const isAllowed = bucket.tokens >= cost;
      if (isAllowed) bucket.tokens -= cost;
      const secondsFor = (tokens: number) => Math.ceil((tokens * 60) / perMinute);
      return {
        isAllowed,
        perMinute,
        remaining: Math.floor(bucket.tokens),
        resetSeconds: secondsFor(perMinute - bucket.tokens),
        retryAfterSeconds: isAllowed ? 0 : Math.max(1, secondsFor(cost - bucket.tokens)),
      };
    },
    get keys() {
      return new Set([...young.keys(), ...old.keys()]).size;
    },
  };
}
