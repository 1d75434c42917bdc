import { insertAudit } from '../../db/audit-queries.js';
import type { Db } from '../../db/connection.js';
import {
  findUser,
  hasOtherAdmin,
  insertUser,
  listAdmins,
  setAdmin,
  setSuspended,
} from '../../db/user-queries.js';
import type { AuditAction } from '../audit/actions.js';
import { authorize } from '../access/authorization.js';
import type { Caller } from '../access/principal.js';
import { mayBeUnlimited } from '../access/token-lifetime.js';
import { createToken } from '../access/tokens.js';
import { RegistryError } from '../error.js';
import type { TokenPolicy } from '../identity/sign-in.js';
import { stopWebhooks } from '../webhooks/stop.js';

export interface AdminDeps {
  readonly db: Db;
  readonly now: () => number;
}

export interface Admin {
  readonly name: string;
  readonly createdAt: Date;
  readonly suspendedAt: Date | null;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** A token that was just made. */
export interface IssuedToken {
  /** For everything that its owner may; it cannot be shown again. */
  readonly token: string;
  /** Null for one that never expires. */
  readonly expiresAt: Date | null;
}

export interface IssueDeps extends AdminDeps {
  readonly tokens: TokenPolicy;
}

/**
 * Makes a new user, who administers the registry or does not.
 *
 * @throws RegistryError `request.invalid`, `state.conflict` when the name is somebody's, `token.lifetime_refused`, and what
 *   `authorize` throws
 */
export function createPerson(
  deps: IssueDeps,
  caller: Caller,
  { name, isAdmin, days }: { readonly name: string; readonly isAdmin: boolean } & Lifetime,
): Promise<IssuedToken> {
  authorize(caller.principal, 'registry.admin');
  if (!NAME.test(name))
    throw new RegistryError('request.invalid', 'a name is of a-z, 0-9 and -, at most 64 characters', {
      hint: 'use a name such as ana or build-7',
    });
  const expiresAt = expiryFor(deps, isAdmin, days);
  return deps.db.transaction().execute(async (trx) => {
    if (await findUser(trx, name))
      throw new RegistryError('state.conflict', `${name} is somebody already`, {
        hint: `use another name; admin token ${name} makes them another token, and admin grant ${name} an administrator`,
      });
    const userId = await insertUser(trx, name, isAdmin);
    if (isAdmin) await note(trx, caller, 'admin.grant', { user: name });
    return issueToken(trx, caller, { userId, user: name, expiresAt });
  });
}

/**
 * Makes somebody an administrator, or no administrator any more: that stops the webhooks that they have directed as one. False: they were that already.
 *
 * @param isForced whether the last administrator may be taken as well
 * @throws RegistryError `user.not_found`, `state.conflict` for the last administrator
 */
export async function changeAdmin(
  deps: AdminDeps,
  caller: Caller,
  name: string,
  { isAdmin, isForced }: { readonly isAdmin: boolean; readonly isForced: boolean },
): Promise<boolean> {
  authorize(caller.principal, 'registry.admin');
  return deps.db.transaction().execute(async (trx) => {
    const user = await getUser(trx, name);
    if (user.is_admin === isAdmin) return false;
    if (!isAdmin && !isForced) await assertNotLast(trx, user);
    await setAdmin(trx, name, isAdmin);
    await note(trx, caller, isAdmin ? 'admin.grant' : 'admin.revoke', { user: name });
    if (!isAdmin)
      await stopWebhooks(trx, by(caller), {
        directedBy: user.id,
        isOfOthers: true,
        reason: `${name} is no administrator any more`,
      });
    return true;
  });
}

/**
 * Refuses all that somebody's tokens and sign-ins ask for and stops the webhooks that they have directed, or lets them in
 * again. False: it was so already.
 *
 * @param isForced whether the last administrator may be suspended as well
 * @throws RegistryError `user.not_found`, `state.conflict` for the last administrator
 */
export async function changeSuspension(
  deps: AdminDeps,
  caller: Caller,
  name: string,
  { isSuspended, isForced }: { readonly isSuspended: boolean; readonly isForced: boolean },
): Promise<boolean> {
  authorize(caller.principal, 'registry.admin');
  return deps.db.transaction().execute(async (trx) => {
    const user = await getUser(trx, name);
    if ((user.suspended_at !== null) === isSuspended) return false;
    if (isSuspended && !isForced) await assertNotLast(trx, user);
    await setSuspended(trx, name, isSuspended ? new Date(deps.now()) : null);
    await note(trx, caller, isSuspended ? 'user.suspend' : 'user.unsuspend', { user: name });
    if (isSuspended)
      await stopWebhooks(trx, by(caller), { directedBy: user.id, reason: `${name} is suspended` });
    return true;
  });
}

/** Makes another token for somebody, who has lost theirs or whose token ends. @throws RegistryError `user.not_found`, `token.lifetime_refused` */
export function createTokenFor(
  deps: IssueDeps,
  caller: Caller,
  { name, days }: { readonly name: string } & Lifetime,
): Promise<IssuedToken> {
  authorize(caller.principal, 'registry.admin');
  return deps.db.transaction().execute(async (trx) => {
    const user = await getUser(trx, name);
    const expiresAt = expiryFor(deps, user.is_admin, days);
    return issueToken(trx, caller, { userId: user.id, user: name, expiresAt });
  });
}

/** The administrators of the registry, by name. */
export async function admins(deps: Pick<AdminDeps, 'db'>, caller: Caller): Promise<readonly Admin[]> {
  authorize(caller.principal, 'registry.admin');
  const rows = await listAdmins(deps.db);
  return rows.map((row) => ({ name: row.name, createdAt: row.created_at, suspendedAt: row.suspended_at }));
}

type Trx = Parameters<typeof insertAudit>[0];

async function getUser(trx: Trx, name: string) {
  const user = await findUser(trx, name);
  if (!user)
    throw new RegistryError('user.not_found', `there is nobody called ${JSON.stringify(name)}`, {
      hint: 'see admin list for the administrators, or make somebody: admin create NAME [--no-admin]',
    });
  return user;
}

/** Nobody could administer the registry but by this command line, or by a claim of the identity provider. */
async function assertNotLast(trx: Trx, user: Awaited<ReturnType<typeof getUser>>): Promise<void> {
  if (!user.is_admin || user.suspended_at !== null || (await hasOtherAdmin(trx, user.name))) return;
  throw new RegistryError('state.conflict', `${user.name} is the last administrator`, {
    hint: 'make another one first: admin create NAME or admin grant NAME; or pass --force',
  });
}

interface Lifetime {
  /** How long the token lives; by default as the policy has it for whom it is. */
  readonly days?: number | undefined;
}

/** For whom a token may be without an end it is, unless days are named. @throws RegistryError `token.lifetime_refused` */
function expiryFor({ tokens, now }: IssueDeps, isAdmin: boolean, days: number | undefined): Date | null {
  const isUnlimited = mayBeUnlimited(tokens, isAdmin);
  if (days === undefined && isUnlimited) return null;
  const lifeDays = days ?? tokens.defaultDays;
  if (lifeDays > tokens.maxDays && !isUnlimited)
    throw new RegistryError('token.lifetime_refused', `tokens live ${tokens.maxDays} days at most here`, {
      hint: 'use fewer --days, or raise SHEAF_TOKEN_MAX_DAYS',
    });
  return new Date(now() + lifeDays * DAY_MS);
}

async function issueToken(
  trx: Trx,
  caller: Caller,
  {
    userId,
    user,
    expiresAt,
  }: { readonly userId: number; readonly user: string; readonly expiresAt: Date | null },
): Promise<IssuedToken> {
  const { id, token } = await createToken(
    { db: trx },
    { userId, name: 'made at the command line', scopes: ['*'], expiresAt },
  );
  await note(trx, caller, 'token.create', { user, token: id });
  return { token, expiresAt };
}

async function note(trx: Trx, caller: Caller, action: AuditAction, detail: Record<string, string>) {
  await insertAudit(trx, { ...by(caller), action, detail });
}

function by({ principal, requestId }: Caller) {
  return { principal: principal ?? null, requestId };
}
