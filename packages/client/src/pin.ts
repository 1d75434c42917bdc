import { logVerifierOf, parseLogVerifier, REGISTRY_ORIGIN, sha256Hex, type LogVerifier } from '@sheaf/bundle';
import { printable, quote } from '@sheaf/workflow';
import { ClientError } from './errors.js';

/** The realm of all public namespaces; that of a private one is its own name. */
export const PUBLIC_REALM = 'public';

/** What was seen last of one of a registry's logs. */
export interface RealmSeen {
  /** The newest signed note that was verified. */
  readonly checkpoint: string;
  /** When the log was last asked for its newest checkpoint, RFC 3339, UTC; a minute may be missing. */
  readonly checkedAt: string;
}

/** What is believed about one registry: the key of its logs, and what was seen of them. */
export interface Pin {
  /** Normalised URL. */
  readonly url: string;
  /** The name that its publishers sign for, such as `wf.example.com`. */
  readonly origin: string;
  /** C2SP verifier key of its public log. The same key, under other names, signs the logs of private namespaces. */
  readonly logKey: string;
  /** RFC 3339, UTC. */
  readonly pinnedAt: string;
  /** By realm; a log that was never verified online is not here. */
  readonly realms: ReadonlyMap<string, RealmSeen>;
  /** The realm in which each namespace was seen. */
  readonly namespaces: ReadonlyMap<string, string>;
}

/** The newest note seen of a log; null before the first verification online. */
export function checkpointOf(pin: Pick<Pin, 'realms'>, realm: string = PUBLIC_REALM): string | null {
  return pin.realms.get(realm)?.checkpoint ?? null;
}

/** The origin line of a registry's log. */
export function logOriginOf(origin: string, realm: string): string {
  return `${origin}/log/${realm}`;
}

/** The origin line of a registry's public log. */
export function publicLogOrigin(origin: string): string {
  return logOriginOf(origin, PUBLIC_REALM);
}

/**
 * The verifier of one of the registry's logs: the pinned key under the log's own name.
 *
 * @throws BundleError `log.key_invalid`
 */
export function logVerifierFor(pin: Pick<Pin, 'origin' | 'logKey'>, realm: string): LogVerifier {
  return logVerifierOf(logOriginOf(pin.origin, realm), parseLogVerifier(pin.logKey).publicKey);
}

/**
 * Names a registry as it is pinned, for what is kept on its word: address and log key, because an origin is only what
 * a registry says of itself.
 */
export function registryIdOf(pin: Pick<Pin, 'url' | 'logKey'>): string {
  return sha256Hex(new TextEncoder().encode(`${pin.url}\n${pin.logKey}`));
}

/**
 * Holds what a registry shows of itself to its grammar, before anything is printed or kept of it: the origin is a
 * host, and the log key is that of the origin's public log.
 *
 * @throws ClientError `response.invalid`; BundleError `log.key_invalid`
 */
export function assertLogIdentity(shown: { readonly origin: string; readonly logKey: string }): void {
  const { origin, logKey } = shown;
  if (!REGISTRY_ORIGIN.test(origin)) {
    throw new ClientError(
      'response.invalid',
      `the registry calls itself ${quote(origin)}, which is no host`,
      {
        hint: 'check the address; if it is right, tell the operator of the registry',
      },
    );
  }
  if (parseLogVerifier(logKey).name !== publicLogOrigin(origin)) {
    throw new ClientError(
      'response.invalid',
      'the log key is named for another registry than the one that shows it',
      { hint: 'compare with the key that the operator of the registry publishes' },
    );
  }
}

/** The error when a registry's log key is not the one that was accepted. */
export function keyChanged(pin: Pin, shown: string): ClientError {
  return new ClientError(
    'log.key_changed',
    `the log key of ${pin.url} is not the one accepted on ${pin.pinnedAt}`,
    {
      hint: `accepted ${pin.logKey}, now ${printable(shown, 300)}: ask the operator another way before you accept it`,
    },
  );
}
