import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';

interface Deps {
  readonly rates: { readonly trustedHops: number };
  readonly log: Pick<Logger, 'warn'>;
}

/**
 * Looks at requests until one came through a proxy though none is said to be in front, and warns of it once: everybody
 * behind that proxy shares one address, and its limits.
 */
export function watchForProxies({ rates, log }: Deps): (request: Pick<IncomingMessage, 'headers'>) => void {
  let isLooking = rates.trustedHops === 0;
  return ({ headers }) => {
    if (!isLooking || headers['x-forwarded-for'] === undefined) return;
    isLooking = false;
    log.warn(
      { hint: 'set SHEAF_TRUSTED_HOPS to how many proxies of yours are in front' },
      'a request came with X-Forwarded-For, which is not looked at: whoever is behind one proxy shares its limits',
    );
  };
}
