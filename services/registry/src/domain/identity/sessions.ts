import { createHash, randomBytes } from 'node:crypto';
import type { Db } from '../../db/connection.js';
import { deleteSession, findSession, insertSession } from '../../db/session-queries.js';
import type { Principal } from '../access/principal.js';
import { toPerson } from '../access/to-principal.js';
import type { ProvenIdentity } from './identity-provider.js';
import { assertNotSuspended, findOrCreatePerson } from './people.js';

/** A browser is signed in for half a day; the identity provider may well know it for longer. */
export const SESSION_MS = 12 * 60 * 60 * 1000;

const SECRET_FORM = /^[A-Za-z0-9_-]{43}$/;

export interface SessionDeps {
  readonly db: Db;
  readonly now: () => number;
}

/**
 * Keeps a sign-in of a browser and returns the secret that stands for it. A session is always a new one, never one that
 * the browser brought along.
 *
 * @throws RegistryError `auth.suspended`
 */
export async function openSession(deps: SessionDeps, proven: ProvenIdentity): Promise<string> {
  const person = await findOrCreatePerson(deps, proven);
  assertNotSuspended(person);
  const secret = randomBytes(32).toString('base64url');
  await insertSession(deps.db, {
    secret_sha256: sha256(secret),
    id: randomBytes(8).toString('hex'),
    user_id: person.user_id,
    is_admin: proven.isAdmin,
    authenticated_at: proven.authenticatedAt ?? null,
    expires_at: new Date(deps.now() + SESSION_MS),
  });
  return secret;
}

/** Who a session belongs to; undefined when there is none, or it has ended. @throws RegistryError `auth.suspended` */
export async function findSessionPrincipal(
  deps: SessionDeps,
  secret: string,
): Promise<Principal | undefined> {
  if (!SECRET_FORM.test(secret)) return undefined;
  const row = await findSession(deps.db, sha256(secret));
  if (!row || row.expires_at.getTime() <= deps.now()) return undefined;
  assertNotSuspended(row);
  return toPerson(row, {
    via: 'oidc',
    isAdmin: row.is_admin_by_claim,
    hasIdentity: true,
    authenticatedAt: row.authenticated_at ?? undefined,
    token: {
      id: `session:${row.id}`,
      name: 'browser',
      scopes: ['*'],
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    },
  });
}

export async function closeSession({ db }: SessionDeps, secret: string): Promise<void> {
  if (SECRET_FORM.test(secret)) await deleteSession(db, sha256(secret));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
