import type { Namespace } from '@sheaf/workflow';
import type { Transaction } from 'kysely';
import { insertNamespace } from '../../db/namespace-queries.js';
import type { Database } from '../../db/schema.js';
import { RegistryError } from '../error.js';
import { assertMayJoin, type MembershipDeps } from '../limits/memberships.js';
import { PUBLIC_REALM } from '../log/realms.js';
import { recordNamespace } from '../namespaces/record.js';
import type { IdentityToken } from './identity-token.js';
import { matchPublisher, ofIdentity, type PublisherRule, type Wanted } from './match.js';

/**
 * The publisher that waits for a namespace that is not there. Everybody may wait for any name with anybody's repository, so
 * where two people wait with the same one, whatever else they ask for, it is nobody's: else one would own what the other
 * publishes.
 *
 * @throws RegistryError as `matchPublisher`
 */
export function onlyWaiting<R extends PublisherRule & { readonly created_by: number }>(
  publishers: readonly R[],
  token: Pick<IdentityToken, 'issuer' | 'claims'>,
  wanted: Wanted,
): R {
  const people = new Set(ofIdentity(publishers, token).map(({ created_by }) => created_by));
  if (people.size > 1)
    throw new RegistryError(
      'oidc.no_publisher',
      `${people.size} people wait for ${wanted.namespace} with the same identity: create the namespace first`,
    );
  return matchPublisher(publishers, token, wanted);
}

/**
 * The namespace that a first publish creates, public, for the person who has said so.
 *
 * @throws RegistryError `oidc.no_publisher`, `quota.exceeded`
 */
export async function createPendingNamespace(
  trx: Transaction<Database>,
  deps: MembershipDeps,
  name: Namespace,
  ownerId: number,
  requestId: string,
): Promise<number> {
  const id = await insertNamespace(trx, { name, visibility: 'public', realm: PUBLIC_REALM }, ownerId);
  if (id === undefined)
    throw new RegistryError('oidc.no_publisher', `the namespace ${name} was created by somebody meanwhile`);
  await assertMayJoin(trx, deps, { userId: ownerId, who: `who waits for ${name}`, namespaceId: id });
  await recordNamespace(
    trx,
    { id, name, realm: PUBLIC_REALM },
    { principal: null, requestId, detail: { owner: String(ownerId), by: 'trusted publisher' } },
  );
  return id;
}
