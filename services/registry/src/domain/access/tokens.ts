import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Db } from '../../db/connection.js';
import type { Database } from '../../db/schema.js';
import {
  findToken,
  insertToken,
  listTokens,
  revokeToken,
  rolesOfUser,
  touchToken,
  type TokenRow,
} from '../../db/token-queries.js';
import { RegistryError } from '../error.js';
import type { Principal } from './principal.js';

/** A personal access token is `shf_<id>_<secret>`: the id finds the row, the secret's SHA-256 is all that is kept. */
const TOKEN_FORM = /^shf_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const LAST_USED_RESOLUTION_MS = 60_000;

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

/**
 * Who a bearer token belongs to.
 *
 * @throws RegistryError `auth.token_invalid`, in the same words whether it is malformed, unknown, revoked or expired
 */
export async function authenticate(deps: AccessDeps, bearer: string): Promise<Principal> {
  const refused = () => new RegistryError('auth.token_invalid', 'the access token is not valid');
  const match = TOKEN_FORM.exec(bearer);
  if (!match) throw refused();
  const [, id = '', secret = ''] = match;
  const row = await findToken(deps.db, id);
  // The comparison runs for an unknown id as well, so that time does not tell which ids exist.
  const equal = timingSafeEqual(sha256(secret), row?.secret_sha256 ?? Buffer.alloc(32));
  if (!row || !equal || row.revoked_at || (row.expires_at && row.expires_at.getTime() <= deps.now()))
    throw refused();
  if (!row.last_used_at || deps.now() - row.last_used_at.getTime() > LAST_USED_RESOLUTION_MS) {
    await touchToken(deps.db, id, new Date(deps.now()));
  }
  return toPrincipal(deps, row);
}

/** The caller's tokens, without their secrets. */
export function tokensOf(deps: Pick<AccessDeps, 'db'>, userId: number) {
  return listTokens(deps.db, userId);
}

/** Revokes one of the caller's tokens; the next request with it is refused. False when there is no such token. */
export function revokeOwnToken(deps: AccessDeps, userId: number, id: string): Promise<boolean> {
  return revokeToken(deps.db, userId, id, new Date(deps.now()));
}

async function toPrincipal(deps: AccessDeps, row: TokenRow): Promise<Principal> {
  return {
    userId: row.user_id,
    user: row.user_name,
    isAdmin: row.is_admin,
    via: 'token',
    token: {
      id: row.id,
      name: row.name,
      scopes: row.scopes,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    },
    roles: await rolesOfUser(deps.db, row.user_id),
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
