import type { SigningKey } from '@sheaf/bundle';
import { randomBytes } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Db } from '../../db/connection.js';
import type { Database } from '../../db/schema.js';
import { findLogState } from '../../db/log-queries.js';
import { findOrigin, insertOrigin, lockSetup } from '../../db/setup-queries.js';
import { insertUser, isWithoutUsers } from '../../db/user-queries.js';
import { createToken } from '../access/tokens.js';
import { createLog, logVerifierKeyOf, PUBLIC_REALM, type LogSigner } from '../log/realms.js';
import { StartError } from '../../start-error.js';

export interface SetupDeps {
  readonly db: Db;
  /** What the operator configured, if anything. */
  readonly configuredOrigin: string | undefined;
  /** The log's key; called with whether the log is new, for only a new log may get a new key. */
  readonly loadLogKey: (isNew: boolean) => Promise<SigningKey>;
  /** Hands the owner's token over; called before the transaction commits, so that no token is lost. */
  readonly keepOwnerToken: (token: string) => Promise<void>;
}

/** Who the registry is: its origin and the key that signs its logs. */
export type RegistryIdentity = LogSigner;

/**
 * Gives a new database its identity (origin, log, owner) and checks that an existing one still has it.
 *
 * @throws StartError `origin.mismatch`, `log.key_mismatch`, and what `loadLogKey` throws
 */
export function setUpRegistry(deps: SetupDeps): Promise<RegistryIdentity> {
  return deps.db.transaction().execute(async (trx) => {
    await lockSetup(trx);
    const origin = await openOrigin(trx, deps.configuredOrigin);
    const state = await findLogState(trx, PUBLIC_REALM);
    const key = await deps.loadLogKey(state === undefined);
    const signer: LogSigner = { origin, key };
    if (!state) await createLog(trx, signer, PUBLIC_REALM);
    else if (state.verifier_key !== logVerifierKeyOf(signer, PUBLIC_REALM)) {
      throw new StartError(
        'log.key_mismatch',
        'the key that signs the log is not the one this log began with',
        'restore the key that belongs to this database: clients refuse a log that changes its key',
      );
    }
    if (await isWithoutUsers(trx)) {
      const userId = await insertUser(trx, 'owner', true);
      const { token } = await createToken(
        { db: trx },
        { userId, name: 'first start', scopes: ['*'], expiresAt: null },
      );
      await deps.keepOwnerToken(token);
    }
    return signer;
  });
}

async function openOrigin(trx: Transaction<Database>, configured: string | undefined): Promise<string> {
  const stored = await findOrigin(trx);
  if (stored === undefined) {
    // A registry that nobody named gets an origin that no other registry has, so that nothing signed for one fits another.
    const origin = configured ?? `${randomBytes(4).toString('hex')}.sheaf.localhost`;
    await insertOrigin(trx, origin);
    return origin;
  }
  if (configured !== undefined && configured !== stored) {
    throw new StartError(
      'origin.mismatch',
      `SHEAF_ORIGIN is ${configured}, but this database belongs to ${stored}`,
      `unset SHEAF_ORIGIN or set it to ${stored}: everything that was signed names it`,
    );
  }
  return stored;
}
