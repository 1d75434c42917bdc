import type { Role } from '@sheaf/client/contract';
import type { Principal } from './principal.js';

/** A person as the database knows them. */
export interface PersonColumns {
  readonly user_id: number;
  readonly user_name: string;
  readonly is_admin: boolean;
  readonly roles: ReadonlyMap<string, Role>;
}

/** A principal that is a person. */
export function toPerson(
  row: PersonColumns,
  rest: Pick<Principal, 'via' | 'token' | 'authenticatedAt' | 'hasIdentity'> & { readonly isAdmin?: boolean },
): Principal {
  const { isAdmin = false, ...shown } = rest;
  return {
    userId: row.user_id,
    user: row.user_name,
    isAdmin: row.is_admin || isAdmin,
    roles: row.roles,
    ...shown,
  };
}
