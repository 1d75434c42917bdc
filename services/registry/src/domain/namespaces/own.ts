import type { OwnNamespaceList } from '@sheaf/client/contract';
import type { Db } from '../../db/connection.js';
import { listNamespacesOf } from '../../db/member-queries.js';
import { authorize } from '../access/authorization.js';
import type { Principal } from '../access/principal.js';
import { mayRead } from '../access/reading.js';

/** The namespaces that the caller is a member of and that the token covers. @throws RegistryError what `authorize` throws */
export async function listOwnNamespaces(
  { db }: { readonly db: Db },
  principal: Principal | undefined,
): Promise<OwnNamespaceList['namespaces']> {
  authorize(principal, 'account.read');
  return (await listNamespacesOf(db, principal.userId)).filter((namespace) => mayRead(principal, namespace));
}
