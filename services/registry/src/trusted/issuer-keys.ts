import { errors } from 'jose';
import { isLoopback } from '../config/oidc.js';
import { cappedFetch } from '../sign-in/capped-fetch.js';
import { readKeySet, type KeyFinder } from '../sign-in/jwt.js';
import { createRefreshed, type RefreshedDeps } from '../sign-in/refreshed.js';

const HOUR_MS = 3_600_000;
const DISCOVERY_AGES = { freshMs: HOUR_MS, usableMs: 24 * HOUR_MS, floorMs: 10_000 };
/** A key that an issuer takes back counts for an hour at most, while the issuer cannot be reached. */
const KEY_AGES = { freshMs: 10 * 60_000, usableMs: HOUR_MS, floorMs: 10_000 };

/**
 * The keys of an issuer, by its discovery document: fetched when somebody needs them, kept, and fetched anew for a key that
 * is not known, at most every ten seconds.
 *
 * @returns a finder that throws JOSEError when there is no such key, and other errors when the issuer does not answer
 */
export function createIssuerKeys(deps: RefreshedDeps, issuer: string): KeyFinder {
  const address = createRefreshed(deps, DISCOVERY_AGES, () => discover(issuer));
  const keys = createRefreshed(deps, KEY_AGES, async () => readKeySet(await fetchJson(await address.get())));
  return async (header, token) => {
    const known = await keys.get();
    try {
      return await known(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const renewed = await keys.renew();
      return await renewed(header, token);
    }
  };
}

/** Address of the keys, which the issuer itself must name. */
async function discover(issuer: string): Promise<string> {
  const document = await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const { issuer: named, jwks_uri: uri } = (document ?? {}) as { issuer?: unknown; jwks_uri?: unknown };
  if (named !== issuer) throw new Error(`the issuer ${issuer} calls itself something else`);
  if (typeof uri !== 'string' || !URL.canParse(uri)) throw new Error(`the issuer ${issuer} names no keys`);
  const { protocol, hostname } = new URL(uri);
  const isLocal = protocol === 'http:' && isLoopback(hostname) && new URL(issuer).protocol === 'http:';
  if (protocol !== 'https:' && !isLocal)
    throw new Error(`the issuer ${issuer} names keys that are not at https`);
  return uri;
}

async function fetchJson(url: string): Promise<unknown> {
  const response = await cappedFetch(url, { headers: { accept: 'application/json' } });
  if (response.status !== 200) throw new Error(`${url} answers with ${response.status}`);
  return response.json();
}
