import type { IncomingMessage } from 'node:http';
import { RegistryError } from '../domain/error.js';
import type { RegistryMiddleware, RequestContext } from './context.js';
import { networkOf } from './rate-address.js';
import type { RateLimiter, RateVerdict } from './rate-limiter.js';

/** Who may ask for how much. */
export interface Rates {
  readonly limiter: RateLimiter;
  /** Requests a minute from one network without a token; undefined for as many as come. */
  readonly perAddress: number | undefined;
  /** Requests a minute with a token. */
  readonly perToken: (tokenId: string) => number | undefined;
  /** Requests a minute to one namespace, whoever makes them; undefined for as many as come. */
  readonly perNamespace: (name: string) => number | undefined;
  readonly trustedHops: number;
  readonly onLimited: (kind: RateKind) => void;
}

export type RateKind = 'address' | 'token' | 'namespace' | 'sign-in';

/** Units that a request costs; what is answered from memory is the measure. */
export const READ_COST = 1;
const SEARCH_COST = 3;
const WRITE_COST = 5;
/** What searches, for programs and for people. */
const SEARCHES = /^\/(?:v1\/workflows|search|tags\/[^/]+)$/;
const EXEMPT = new Set(['/healthz', '/readyz', '/metrics']);

/** The `RateLimit` headers, as draft-ietf-httpapi-ratelimit-headers has them: name, value, name, value. */
export function rateHeaders(kind: RateKind, verdict: RateVerdict): readonly string[] {
  return [
    'RateLimit-Policy',
    `"${kind}";q=${verdict.perMinute};w=60`,
    'RateLimit',
    `"${kind}";r=${verdict.remaining};t=${verdict.resetSeconds}`,
  ];
}

/** Counts a read without a token; undefined when there is no limit. */
export function takeForAddress(
  rates: Rates,
  request: IncomingMessage,
  cost: number,
): RateVerdict | undefined {
  if (rates.perAddress === undefined) return undefined;
  return rates.limiter.take(`address ${networkOf(request, rates.trustedHops)}`, cost, rates.perAddress);
}

const CANONICAL_PATH = /^\/(?:(?:v1\/(?:workflows|namespaces)|log|feed)\/)?([a-z0-9-]{1,64})(?:[/.?]|$)/;

/**
 * The limit of the namespace that the path of something in memory names, an answer or a page: those are spelled in one
 * way only.
 */
export function heldLimit(rates: Rates, path: string): number | undefined {
  const name = CANONICAL_PATH.exec(path)?.[1];
  return name === undefined ? undefined : rates.perNamespace(name);
}

/** Counts every request for its token, else for its network; refuses those beyond the limit. Comes after authentication. */
export function limitRates(rates: Rates): RegistryMiddleware {
  return async (ctx, next) => {
    if (!EXEMPT.has(ctx.path)) take(rates, ctx, costOf(ctx));
    await next();
  };
}

/** Counts a request for a namespace where that has a limit, whoever makes it. @throws RegistryError `rate.limited` */
export function takeForNamespace(rates: Rates, ctx: RequestContext, name: string): void {
  const perMinute = rates.perNamespace(name);
  if (perMinute === undefined) return;
  const verdict = rates.limiter.take(`namespace ${name}`, costOf(ctx), perMinute);
  if (!verdict.isAllowed) refuse(rates, 'namespace', verdict);
}

/** So many bytes that are unpacked cost as much as one read. */
const UNPACKED_BYTES = 16 * 1024;

/** Counts that a bundle must be unpacked for a request, by its size. @throws RegistryError `rate.limited` */
export function chargeUnpacking(rates: Rates, ctx: RequestContext, tarSizeBytes: number): void {
  take(rates, ctx, Math.ceil(tarSizeBytes / UNPACKED_BYTES));
}

/** Looks at whether the service is ready, from one network in a minute: far more than anything that probes it needs. */
const PROBES = 600;

/** Counts a look at whether the service is ready. @throws RegistryError `rate.limited` */
export function limitProbes(rates: Rates, ctx: RequestContext): void {
  const verdict = rates.limiter.take(`probe ${networkOf(ctx.req, rates.trustedHops)}`, 1, PROBES);
  if (!verdict.isAllowed) refuse(rates, 'address', verdict);
}

function take(rates: Rates, ctx: Parameters<RegistryMiddleware>[0], cost: number): void {
  const { principal } = ctx.state;
  const kind = principal ? 'token' : 'address';
  const perMinute = principal ? rates.perToken(principal.token.id) : rates.perAddress;
  if (perMinute === undefined) return;
  const verdict = principal
    ? rates.limiter.take(`token ${principal.token.id}`, cost, perMinute)
    : takeForAddress(rates, ctx.req, cost);
  if (!verdict) return;
  const [policyName = '', policy = '', stateName = '', state = ''] = rateHeaders(kind, verdict);
  ctx.set(policyName, policy);
  ctx.set(stateName, state);
  if (!verdict.isAllowed) refuse(rates, kind, verdict);
}

export function refuse(rates: Rates, kind: RateKind, { perMinute, retryAfterSeconds }: RateVerdict): never {
  rates.onLimited(kind);
  const what = kind === 'sign-in' ? 'attempts with tokens that are not valid' : 'requests';
  throw new RegistryError('rate.limited', `more than ${perMinute} ${what} in a minute`, {
    retryAfterSeconds,
    // What is still being sent is not read.
    headers: kind === 'sign-in' ? { Connection: 'close' } : {},
  });
}

function costOf(ctx: Pick<RequestContext, 'method' | 'path'>): number {
  if (ctx.method !== 'GET' && ctx.method !== 'HEAD' && ctx.method !== 'OPTIONS') return WRITE_COST;
  return SEARCHES.test(ctx.path) ? SEARCH_COST : READ_COST;
}
