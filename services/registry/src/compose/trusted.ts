import type { Logger } from 'pino';
import type { TrustedConfig } from '../config/trusted.js';
import { describeError } from '../describe-error.js';
import type { TrustedIssuers } from '../domain/trusted/identity-token.js';
import type { RefreshedDeps } from '../sign-in/refreshed.js';
import { createTrustedIssuers } from '../trusted/issuers.js';

/** Whose identity tokens count. No issuer is asked for anything before somebody brings a token of it. */
export function createTrusted(
  { issuers }: TrustedConfig,
  {
    log,
    origin,
    ...clocks
  }: Pick<RefreshedDeps, 'now' | 'elapsedMs'> & { readonly log: Logger; readonly origin: string },
): TrustedIssuers {
  const report = (error: unknown) => {
    log.warn({ error: describeError(error) }, 'an issuer of identity tokens does not answer as it should');
  };
  return createTrustedIssuers(
    { ...clocks, report },
    issuers.map(({ audience = `sheaf:${origin}`, ...issuer }) => ({ ...issuer, audience })),
  );
}
