import { RegistryError } from '../domain/error.js';
import type { RegistryMiddleware } from './context.js';
import { createKnownHeaders, type KnownHeaders } from './known-headers.js';
import { networkOf } from './rate-address.js';
import { refuse, type Rates } from './rate-limit.js';

/** Attempts with a token that is not valid, from one network in a minute, that are told so. */
const FAILED_SIGN_INS = 300;
/** And that are looked at: each costs the database a look, and a token of the identity provider perhaps a question there. */
const LOOKS = 6_000;

/**
 * Refuses whoever tries many tokens, and not those who share a network with him: a token that was valid lately is always
 * looked at, another one as long as not very many of its network were wrong, and only one that is wrong is refused.
 * Comes before authentication.
 */
export function limitFailedSignIns(
  rates: Rates,
  known: KnownHeaders = createKnownHeaders(),
): RegistryMiddleware {
  return async (ctx, next) => {
    const header = ctx.get('Authorization');
    if (header === '') {
      await next();
      return;
    }
    const network = networkOf(ctx.req, rates.trustedHops);
    const looks = `look ${network}`;
    if (!known.has(header) && rates.limiter.take(looks, 0, LOOKS).remaining < 1)
      refuse(rates, 'sign-in', rates.limiter.take(looks, 1, LOOKS));
    try {
      await next();
    } catch (error) {
      if (!(error instanceof RegistryError) || error.code !== 'auth.token_invalid') throw error;
      known.forget(header);
      rates.limiter.take(looks, 1, LOOKS);
      const verdict = rates.limiter.take(`sign-in ${network}`, 1, FAILED_SIGN_INS);
      if (!verdict.isAllowed) refuse(rates, 'sign-in', verdict);
      throw error;
    } finally {
      if (ctx.state.principal) known.add(header);
    }
  };
}
