import { formatCheckpoint, logVerifierOf, signNote, type SigningKey } from '@sheaf/bundle';
import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import { createLogState, storeCheckpoint } from '../../db/log-queries.js';
import type { Database } from '../../db/schema.js';

/**
 * A realm is who may see a log: everybody, or the members of one private namespace, whose name is the realm's. Each
 * realm has a log of its own, so that nothing of a private namespace stands in a log that others read.
 */
export const PUBLIC_REALM = 'public';

/** Root of the empty tree: the hash of nothing (RFC 6962 §2.1). */
export const EMPTY_ROOT = createHash('sha256').digest();

/** Who signs the logs of a registry: one key, under a name of its own for each realm. */
export interface LogSigner {
  /** Host that statements are signed for. */
  readonly origin: string;
  readonly key: SigningKey;
}

/** The name of a realm's log, `<host>/log/<realm>`. */
export function logOriginOf(origin: string, realm: string): string {
  return `${origin}/log/${realm}`;
}

/** C2SP verifier key of a realm's log. */
export function logVerifierKeyOf({ origin, key }: LogSigner, realm: string): string {
  return logVerifierOf(logOriginOf(origin, realm), key.publicKey.raw).text;
}

/**
 * Gives a realm its empty log, unless it has one: in the transaction that creates the realm's first namespace, so that
 * no leaf ever waits for a log that is not there.
 */
export async function createLog(trx: Transaction<Database>, signer: LogSigner, realm: string): Promise<void> {
  const origin = logOriginOf(signer.origin, realm);
  await createLogState(trx, {
    realm,
    origin,
    verifier_key: logVerifierKeyOf(signer, realm),
    size: 0,
    root: EMPTY_ROOT,
    last_time: 0,
  });
  const note = signNote(formatCheckpoint({ origin, size: 0, root: EMPTY_ROOT }), origin, signer.key);
  await storeCheckpoint(trx, realm, 0, note);
}
