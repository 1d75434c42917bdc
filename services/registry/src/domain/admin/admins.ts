import { insertAudit } from '../../db/audit-queries.js';
import type { Db } from '../../db/connection.js';
import { findUser, insertUser, listAdmins, setAdmin, setSuspended } from '../../db/user-queries.js';
import type { AuditAction } from '../audit/actions.js';
import { authorize } from '../access/authorization.js';
import type { Caller } from '../access/principal.js';
import { createToken } from '../access/tokens.js';
import { RegistryError } from '../error.js';
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

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/**
 * Makes a new user who administers the registry.
 *
 * @returns a token for everything, which cannot be shown again
 * @throws RegistryError `request.invalid`, `state.conflict` when the name is somebody's, and what `authorize` throws
 */
export function createAdmin(deps: AdminDeps, caller: Caller, name: string): Promise<string> {
  authorize(caller.principal, 'registry.admin');
  if (!NAME.test(name))
    throw new RegistryError('request.invalid', 'a name is of a-z, 0-9 and -, at most 64 characters');
  return deps.db.transaction().execute(async (trx) => {
    if (await findUser(trx, name)) throw new RegistryError('state.conflict', `${name} is somebody already`);
    const userId = await insertUser(trx, name, true);
    await note(trx, caller, 'admin.grant', { user: name });
    return issueToken(trx, caller, { userId, user: name });
  });
}

/**
 * Makes somebody an administrator, or no administrator any more: that stops the webhooks that they have directed as one. False: they were that already.
 *
 * @throws RegistryError `user.not_found`
 */
export async function changeAdmin(
  deps: AdminDeps,
  caller: Caller,
  name: string,
  isAdmin: boolean,
): Promise<boolean> {
  authorize(caller.principal, 'registry.admin');
  return deps.db.transaction().execute(async (trx) => {
    const user = await getUser(trx, name);
    if (user.is_admin === isAdmin) return false;
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
 * @throws RegistryError `user.not_found`
 */
export async function changeSuspension(
  deps: AdminDeps,
  caller: Caller,
  name: string,
  isSuspended: boolean,
): Promise<boolean> {
  authorize(caller.principal, 'registry.admin');
  return deps.db.transaction().execute(async (trx) => {
    const user = await getUser(trx, name);
    if ((user.suspended_at !== null) === isSuspended) return false;
    await setSuspended(trx, name, isSuspended ? new Date(deps.now()) : null);
    await note(trx, caller, isSuspended ? 'user.suspend' : 'user.unsuspend', { user: name });
    if (isSuspended)
      await stopWebhooks(trx, by(caller), { directedBy: user.id, reason: `${name} is suspended` });
    return true;
  });
}

/** Makes another token for an administrator who has lost theirs. @throws RegistryError `user.not_found`, `state.conflict` for nobody's admin */
export function createAdminToken(deps: AdminDeps, caller: Caller, name: string): Promise<string> {
  authorize(caller.principal, 'registry.admin');
  return deps.db.transaction().execute(async (trx) => {
    const user = await getUser(trx, name);
    if (!user.is_admin) throw new RegistryError('state.conflict', `${name} is no administrator`);
    return issueToken(trx, caller, { userId: user.id, user: name });
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
  if (!user) throw new RegistryError('user.not_found', `there is nobody called ${JSON.stringify(name)}`);
  return user;
}

async function issueToken(
  trx: Trx,
  caller: Caller,
  { userId, user }: { readonly userId: number; readonly user: string },
): Promise<string> {
  const { id, token } = await createToken(
    { db: trx },
    { userId, name: 'made at the command line', scopes: ['*'], expiresAt: null },
  );
  await note(trx, caller, 'token.create', { user, token: id });
  return token;
}

async function note(trx: Trx, caller: Caller, action: AuditAction, detail: Record<string, string>) {
  await insertAudit(trx, { ...by(caller), action, detail });
}

function by({ principal, requestId }: Caller) {
  return { principal: principal ?? null, requestId };
}
