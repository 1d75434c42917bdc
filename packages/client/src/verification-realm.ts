import type { LogVerifier, Receipt } from '@sheaf/bundle';
import { ClientError } from './errors.js';
import { keyChanged, logOriginOf, logVerifierFor, PUBLIC_REALM, type Pin } from './pin.js';
import type { VerifyReceiptInput } from './verification-types.js';

/** How many other processes may change the pin while this one tries to. */
const MAX_NOTES = 100;

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
      hint: `ask the operator of the registry why it moved: what happens in another log, those who watch the first do not see; if it is meant to be, sheaf trust remove ${namespace}  forgets where it was`,
    },
  );
}

/**
 * Keeps in which log a namespace is. To be called when a release of it is verified there, signatures included: a log
 * says nothing of a namespace by being asked about it.
 *
 * @throws ClientError `log.realm_changed`, `log.key_changed`, `trust.unusable`
 */
export async function keepRealm(
  { pin: before, freshness }: Pick<VerifyReceiptInput, 'pin' | 'freshness'>,
  namespace: string,
  realm: string,
): Promise<void> {
  if (freshness === undefined) return;
  let pin = before;
  for (let attempt = 0; attempt < MAX_NOTES; attempt++) {
    if (await freshness.noteRealm(pin, namespace, realm)) return;
    pin = await freshness.reload();
    if (pin.logKey !== before.logKey) throw keyChanged(before, pin.logKey);
    assertSameRealm(pin, namespace, realm);
  }
  throw new ClientError(
    'trust.unusable',
    `the log of ${namespace} cannot be noted: too many others write to the pin`,
    { hint: 'try again' },
  );
}
