import type { Transaction } from 'kysely';
import type { LimitsConfig } from '../../config/limits.js';
import { findLimits } from '../../db/limit-queries.js';
import { countMemberships, lockMemberships } from '../../db/member-queries.js';
import type { Database } from '../../db/schema.js';
import { RegistryError } from '../error.js';
import { userSubject } from './subjects.js';

export interface MembershipDeps {
  readonly limits: LimitsConfig;
  readonly now: () => number;
}

/**
 * Refuses one membership too many: every request of somebody looks at all of theirs. To be asked in the transaction that adds
 * it, before or after; nobody else adds one for the same person until it ends.
 *
 * @param who what the person is called in the refusal
 * @throws RegistryError `quota.exceeded`
 */
export async function assertMayJoin(
  trx: Transaction<Database>,
  { limits, now }: MembershipDeps,
  {
    userId,
    who,
    namespaceId,
  }: { readonly userId: number; readonly who: string; readonly namespaceId: number },
): Promise<void> {
  await lockMemberships(trx, userId);
  const count = 1 + (await countMemberships(trx, userId, namespaceId));
  const set = await findLimits(trx, userSubject(userId));
  const isHolding = set !== undefined && (set.expires_at?.getTime() ?? Infinity) > now();
  const most = (isHolding ? set.namespaces : null) ?? limits.userNamespaces;
  if (count <= most) return;
  throw new RegistryError(
    'quota.exceeded',
    `with this, ${who} would be a member of ${count} namespaces, and may be of ${most}`,
  );
}
