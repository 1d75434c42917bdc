import type { Role } from '@sheaf/client/contract';
import { setRole } from '../../src/db/member-queries.js';
import type { TestRegistry } from './test-registry.js';

/** Makes somebody a member without an invitation. */
export async function addMember(
  { db }: Pick<TestRegistry, 'db'>,
  { user, namespace, role }: { readonly user: string; readonly namespace: string; readonly role: Role },
): Promise<void> {
  const idOf = async (table: 'users' | 'namespaces', name: string) =>
    (await db.selectFrom(table).select('id').where('name', '=', name).executeTakeFirstOrThrow()).id;
  const [userId, namespaceId] = [await idOf('users', user), await idOf('namespaces', namespace)];
  await db.transaction().execute((trx) => setRole(trx, namespaceId, userId, role));
}
