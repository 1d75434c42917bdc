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
/** Attempts with a token that is not valid, from one network in a minute: each costs the database a look. */
const FAILED_SIGN_INS = 300;

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

const NAMESPACE_PATH = /^\/(?:v1\/(?:workflows|namespaces)|log)\/([a-z0-9-]{1,64})(?:\/|$)/;

/** The limit of the namespace that a path names, and its name. */
export function namespaceLimit(
  rates: Rates,
  path: string,
): { readonly name: string; readonly perMinute: number } | undefined {
  const name = NAMESPACE_PATH.exec(path)?.[1];
  const perMinute = name === undefined ? undefined : rates.perNamespace(name);
  return name === undefined || perMinute === undefined ? undefined : { name, perMinute };
}

/**
 * Counts every request for its token, else for its network, and for the namespace that its path names where that has a
 * limit; refuses those beyond the limit. Comes after authentication.
 */
export function limitRates(rates: Rates): RegistryMiddleware {
  return async (ctx, next) => {
    if (!EXEMPT.has(ctx.path)) {
      take(rates, ctx);
      takeForNamespace(rates, ctx);
    }
    await next();
  };
}

function take(rates: Rates, ctx: Parameters<RegistryMiddleware>[0]): void {
  const { principal } = ctx.state;
  const cost = costOf(ctx);
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

function takeForNamespace(rates: Rates, ctx: Parameters<RegistryMiddleware>[0]): void {
  const limit = namespaceLimit(rates, ctx.path);
  if (!limit) return;
  const verdict = rates.limiter.take(`namespace ${limit.name}`, costOf(ctx), limit.perMinute);
  if (!verdict.isAllowed) refuse(rates, 'namespace', verdict);
}

/** Refuses to look at any more tokens from a network that has sent too many wrong ones. Comes before authentication. */
export function limitFailedSignIns(rates: Rates): RegistryMiddleware {
  return async (ctx, next) => {
    if (ctx.get('Authorization') === '') {
      await next();
      return;
    }
    const key = `sign-in ${networkOf(ctx.req, rates.trustedHops)}`;
    const before = rates.limiter.take(key, 0, FAILED_SIGN_INS);
    if (before.remaining < 1) refuse(rates, 'sign-in', rates.limiter.take(key, 1, FAILED_SIGN_INS));
    try {
      await next();
    } catch (error) {
      if (error instanceof RegistryError && error.code === 'auth.token_invalid')
        rates.limiter.take(key, 1, FAILED_SIGN_INS);
      throw error;
    }
  };
}

function refuse(rates: Rates, kind: RateKind, { perMinute, retryAfterSeconds }: RateVerdict): never {
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
  return ctx.path === '/v1/workflows' ? SEARCH_COST : READ_COST;
}
