import type { Transaction } from 'kysely';
import type { Database } from '../../db/schema.js';
import { holdRights } from '../access/hold-rights.js';
import type { Person } from '../access/principal.js';
import { RegistryError } from '../error.js';

/**
 * Holds who is a member of the namespace until the transaction ends, and looks once more whether the caller owns it.
 *
 * @throws RegistryError `auth.role_missing`, and what {@link holdRights} throws
 */
export async function lockMembersAsOwner(
  trx: Transaction<Database>,
  namespace: { readonly id: number; readonly name: string },
  principal: Person,
): Promise<void> {
  const { person } = await holdRights(trx, principal, namespace);
  if (person.isAdmin || person.roles.get(namespace.name) === 'owner') return;
  throw new RegistryError('auth.role_missing', `${person.user} does not own ${namespace.name} any more`);
}
