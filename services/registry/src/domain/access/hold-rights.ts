import type { Transaction } from 'kysely';
import { findRole, lockMembers } from '../../db/member-queries.js';
import type { Database } from '../../db/schema.js';
import { holdUser } from '../../db/user-queries.js';
import { RegistryError } from '../error.js';
import type { Person } from './principal.js';

/** What somebody may do now. */
export interface HeldRights {
  /** With no role but that in the namespace. */
  readonly person: Person;
  /** Whether the registry itself made them an administrator, which it can take back; a claim of a sign-in just ends. */
  readonly isAdminByName: boolean;
}

/**
 * Looks once more at what somebody may do in a namespace, or in the registry, and holds it until the transaction ends:
 * whoever waited for the transaction that removes, revokes or suspends them would else do afterwards what that has just
 * taken back. Take this lock before any other of the namespace.
 *
 * @throws RegistryError `auth.suspended`
 */
export async function holdRights(
  trx: Transaction<Database>,
  principal: Person,
  namespace?: { readonly id: number; readonly name: string },
): Promise<HeldRights> {
  if (namespace) await lockMembers(trx, namespace.id);
  const user = await holdUser(trx, principal.userId);
  if (user?.suspended_at !== null) throw new RegistryError('auth.suspended', 'the account is suspended');
  const role = namespace && (await findRole(trx, namespace.id, principal.userId));
  // Only a sign-in can bring the claim; what it said stays as good as the sign-in.
  const isAdmin = user.is_admin || (principal.isAdmin && principal.via === 'oidc');
  const roles = new Map(namespace && role !== undefined ? [[namespace.name, role]] : []);
  return { person: { ...principal, isAdmin, roles }, isAdminByName: user.is_admin };
}
