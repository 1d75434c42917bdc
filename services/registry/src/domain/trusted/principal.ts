import { createHash, timingSafeEqual } from 'node:crypto';
import type { Db } from '../../db/connection.js';
import { findEphemeralToken } from '../../db/ephemeral-queries.js';
import type { Principal } from '../access/principal.js';
import { assertNotSuspended } from '../identity/people.js';

/**
 * Who a token of a trusted publisher stands for; undefined when there is none of this id and secret, or its time is over.
 *
 * @throws RegistryError `auth.suspended` when whoever has added the publisher is
 */
export async function findTrustedPrincipal(
  { db, now }: { readonly db: Db; readonly now: () => number },
  { id, secret }: { readonly id: string; readonly secret: string },
): Promise<Principal | undefined> {
  const row = await findEphemeralToken(db, id);
  const given = createHash('sha256').update(secret).digest();
  const isSame = timingSafeEqual(given, row?.token_sha256 ?? Buffer.alloc(32));
  if (!row || !isSame || row.token_expires_at.getTime() <= now()) return undefined;
  assertNotSuspended(row);
  const { namespace, workflow, issuer, kind, identity } = row;
  const target = workflow === null ? namespace : `${namespace}/${workflow}`;
  return {
    userId: null,
    user: `oidc:${kind} for ${target}`,
    isAdmin: false,
    via: 'trusted',
    token: {
      id,
      name: `trusted publisher of ${target}`,
      scopes: [`publish:${target}`, `read:${namespace}`],
      createdAt: row.created_at,
      expiresAt: row.token_expires_at,
    },
    roles: new Map(),
    trusted: {
      issuer,
      kind,
      namespace,
      ...(workflow !== null && { workflow }),
      keyId: row.key_id,
      identity,
    },
  };
}
