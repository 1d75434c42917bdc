import { randomBytes } from 'node:crypto';
import type { Db } from '../../db/connection.js';
import { findPersonByIdentity, insertIdentity, lockIdentities } from '../../db/identity-queries.js';
import { insertUser, takenNames } from '../../db/user-queries.js';
import { insertAudit } from '../../db/audit-queries.js';
import { RegistryError } from '../error.js';
import type { ProvenIdentity } from './identity-provider.js';
import { proposeNames } from './user-name.js';

export type PersonRow = NonNullable<Awaited<ReturnType<typeof findPersonByIdentity>>>;

/**
 * The person that an identity belongs to; whoever signs in for the first time becomes a user. A name is given once, and
 * stays whatever the provider calls them later.
 */
export async function findOrCreatePerson(
  { db }: { readonly db: Db },
  proven: ProvenIdentity,
): Promise<PersonRow> {
  return (await findPersonByIdentity(db, proven)) ?? (await createPerson(db, proven));
}

function createPerson(db: Db, proven: ProvenIdentity): Promise<PersonRow> {
  return db.transaction().execute(async (trx) => {
    await lockIdentities(trx);
    const existing = await findPersonByIdentity(trx, proven);
    if (existing) return existing;
    const names = proposeNames(proven.name, randomBytes(4).toString('hex'));
    const taken = await takenNames(trx, names);
    const name = names.find((candidate) => !taken.has(candidate));
    if (name === undefined) throw new Error('no name is free for a new user');
    await insertIdentity(trx, await insertUser(trx, name, false), proven);
    await insertAudit(trx, {
      principal: null,
      requestId: null,
      action: 'identity.create',
      detail: { user: name, issuer: proven.issuer },
    });
    const created = await findPersonByIdentity(trx, proven);
    if (!created) throw new Error('the new user is not there');
    return created;
  });
}

/** @throws RegistryError `auth.suspended` */
export function assertNotSuspended({ suspended_at }: { readonly suspended_at: Date | null }): void {
  if (suspended_at !== null) throw new RegistryError('auth.suspended', 'the account is suspended');
}
