import type { Transaction } from 'kysely';
import type { Database } from '../../db/schema.js';
import { findRole, lockMembers } from '../../db/member-queries.js';
import type { Person } from '../access/principal.js';
import { RegistryError } from '../error.js';

/**
 * Holds who is a member of the namespace until the transaction ends, and looks once more whether the caller owns it: whoever
 * waited here for the transaction that removed them would else do afterwards what that has just taken back.
 *
 * @throws RegistryError `auth.role_missing`
 */
export async function lockMembersAsOwner(
  trx: Transaction<Database>,
  namespace: { readonly id: number; readonly name: string },
  principal: Person,
): Promise<void> {
  await lockMembers(trx, namespace.id);
  if (principal.isAdmin || (await findRole(trx, namespace.id, principal.userId)) === 'owner') return;
  throw new RegistryError('auth.role_missing', `${principal.user} does not own ${namespace.name} any more`);
}
