import type { LogVerifier, Receipt } from '@sheaf/bundle';
import { ClientError } from './errors.js';
import { logOriginOf, logVerifierFor, PUBLIC_REALM, type Pin } from './pin.js';

/** One of the logs that the pinned key signs. */
export interface Log {
  readonly realm: string;
  readonly origin: string;
  readonly verifier: LogVerifier;
}

/**
 * The log that the receipt is of: the public one, or that of its private namespace. Which of them a namespace is in
 * never changes without notice: in a log of its own nobody else would see what happens to it.
 */
export function openLog(receipt: Pick<Receipt, 'checkpoint'>, pin: Pin, namespace: string): Log {
  const claimed = realmOf(receipt, pin, namespace);
  if (claimed === undefined && receipt.checkpoint.startsWith(logOriginOf(pin.origin, ''))) {
    throw new ClientError(
      'log.origin',
      `the receipt is of a log of ${pin.origin} that holds nothing of ${namespace}`,
    );
  }
  const realm = claimed ?? PUBLIC_REALM;
  assertSameRealm(pin, namespace, realm);
  return { realm, origin: logOriginOf(pin.origin, realm), verifier: logVerifierFor(pin, realm) };
}

/** The realm that a receipt claims to be of; undefined for a log that it may not be of. */
export function realmOf(
  receipt: Pick<Receipt, 'checkpoint'>,
  pin: Pick<Pin, 'origin'>,
  namespace: string,
): string | undefined {
  const [origin] = receipt.checkpoint.split('\n', 1);
  return [PUBLIC_REALM, namespace].find((realm) => logOriginOf(pin.origin, realm) === origin);
}

/** @throws ClientError `log.realm_changed` */
export function assertSameRealm(pin: Pin, namespace: string, realm: string): void {
  const known = pin.namespaces.get(namespace);
  if (known === undefined || known === realm) return;
  throw new ClientError(
    'log.realm_changed',
    `${namespace} was seen in the log ${logOriginOf(pin.origin, known)}, and is now in ${logOriginOf(pin.origin, realm)}`,
    {
      hint: 'ask the operator of the registry why it moved: what happens in another log, those who watch the first do not see',
    },
  );
}
