import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Transaction } from 'kysely';
import { insertAudit } from '../../db/audit-queries.js';
import type { Db } from '../../db/connection.js';
import type { Database } from '../../db/schema.js';
import {
  countTokens,
  findToken,
  insertToken,
  listTokens,
  revokeToken,
  touchToken,
} from '../../db/token-queries.js';
import { RegistryError } from '../error.js';
import { findTrustedPrincipal } from '../trusted/principal.js';
import { assertNotSuspended } from '../identity/people.js';
import type { SignInSettings } from '../identity/sign-in.js';
import type { Person, Principal } from './principal.js';
import { toPerson } from './to-principal.js';

/** A personal access token is `shf_<id>_<secret>`: the id finds the row, the secret's SHA-256 is all that is kept. */
const TOKEN_FORM = /^shf_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const LAST_USED_RESOLUTION_MS = 60_000;
/** Of one person. */
const MAX_TOKENS = 200;
const MAX_LISTED = 1000;

export interface AccessDeps {
  readonly db: Db;
  readonly now: () => number;
}

export interface NewToken {
  readonly userId: number;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
}

/** Creates a token and returns it; it cannot be shown again. */
export async function createToken(
  deps: { readonly db: Db | Transaction<Database> },
  token: NewToken,
): Promise<{ id: string; token: string }> {
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  await insertToken(deps.db, {
    id,
    user_id: token.userId,
    name: token.name,
    scopes: [...token.scopes],
    secret_sha256: sha256(secret),
    expires_at: token.expiresAt,
  });
  return { id, token: `shf_${id}_${secret}` };
}

/** {@link createToken} for whoever is signed in, recorded; a person has at most 200 that are in force. */
export function createOwnToken(
  deps: AccessDeps,
  { principal, requestId }: { readonly principal: Person; readonly requestId: string },
  token: Omit<NewToken, 'userId'>,
): Promise<{ id: string; token: string }> {
  return deps.db.transaction().execute(async (trx) => {
    if ((await countTokens(trx, principal.userId, new Date(deps.now()))) >= MAX_TOKENS)
      throw new RegistryError('rate.limited', `a person has at most ${MAX_TOKENS} tokens; revoke some`);
    const created = await createToken({ db: trx }, { ...token, userId: principal.userId });
    const detail = { token: created.id, scopes: token.scopes.join(' ').slice(0, 500) };
    await insertAudit(trx, { principal, requestId, action: 'token.create', detail });
    return created;
  });
}

/** Whether a bearer token says that it is one of ours. */
export function isPersonalToken(bearer: string): boolean {
  return bearer.startsWith('shf_');
}

/**
 * Who a personal access token belongs to.
 *
 * @throws RegistryError `auth.token_invalid`, in the same words whether it is malformed, unknown, revoked or expired;
 *   `auth.suspended`
 */
export async function authenticateToken(
  deps: AccessDeps & { readonly hotDb: Db; readonly signIn: SignInSettings },
  bearer: string,
): Promise<Principal> {
  const refused = () => new RegistryError('auth.token_invalid', 'the access token is not valid');
  const match = TOKEN_FORM.exec(bearer);
  if (!match) throw refused();
  const [, id = '', secret = ''] = match;
  const row = await findToken(deps.hotDb, id);
  const trusted = row ? undefined : await findTrustedPrincipal(deps, { id, secret });
  if (trusted) return trusted;
  // The comparison runs for an unknown id as well, so that time does not tell which ids exist.
  const equal = timingSafeEqual(sha256(secret), row?.secret_sha256 ?? Buffer.alloc(32));
  if (!row || !equal || row.revoked_at || (row.expires_at && row.expires_at.getTime() <= deps.now()))
    throw refused();
  assertNotSuspended(row);
  if (!row.last_used_at || deps.now() - row.last_used_at.getTime() > LAST_USED_RESOLUTION_MS) {
    await touchToken(deps.db, id, new Date(deps.now()));
  }
  return toPerson(row, {
    via: 'token',
    // Where nobody can sign in any more, a token is the strongest proof there is.
    hasIdentity: row.has_identity && deps.signIn.provider !== undefined,
    token: {
      id: row.id,
      name: row.name,
      scopes: row.scopes,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    },
  });
}

/** The caller's tokens, the newest first, without their secrets; those that have expired included. */
export function tokensOf(deps: Pick<AccessDeps, 'db'>, userId: number) {
  return listTokens(deps.db, userId, MAX_LISTED);
}

/** Revokes one of the caller's tokens; the next request with it is refused. False when there is no such token. */
export function revokeOwnToken(
  deps: AccessDeps,
  { principal, requestId }: { readonly principal: Person; readonly requestId: string },
  id: string,
): Promise<boolean> {
  return deps.db.transaction().execute(async (trx) => {
    const isRevoked = await revokeToken(trx, principal.userId, id, new Date(deps.now()));
    if (isRevoked)
      await insertAudit(trx, { principal, requestId, action: 'token.revoke', detail: { token: id } });
    return isRevoked;
  });
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
