import { isAtLeast } from '../domain/access/authorization.js';
import type { Principal } from '../domain/access/principal.js';
import { RegistryError } from '../domain/error.js';
import type { RequestContext } from './context.js';

/** What came with the headers, or right behind them, is not looked at twice. */
const STILL_GOOD_MS = 250;

/**
 * Finds the caller once more when their body took its time: whoever held it back may have been removed, suspended or
 * signed out since the headers came. Every reader of bodies calls this last, so that nothing is done by rights that
 * are gone.
 *
 * @throws RegistryError `auth.token_invalid`, `auth.role_missing`, and what finding a caller throws
 */
export async function confirmCaller({ state }: Pick<RequestContext, 'state'>): Promise<void> {
  const { principal: before, caller } = state;
  if (before === undefined || caller === undefined) return;
  if (caller.elapsedMs() - caller.foundAtMs <= STILL_GOOD_MS) return;
  const after = await caller.findAgain();
  assertKept(before, after);
  state.principal = after;
}

/**
 * A handler may have looked at the rights already, so any that were lost are a reason to refuse; rights that came
 * meanwhile are none.
 */
function assertKept(before: Principal, after: Principal | undefined): asserts after is Principal {
  if (after?.token.id !== before.token.id || after.userId !== before.userId)
    throw new RegistryError('auth.token_invalid', 'the sign-in ended while the body was sent');
  const hasLost =
    (before.isAdmin && !after.isAdmin) ||
    [...before.roles].some(([namespace, role]) => {
      const held = after.roles.get(namespace);
      return held === undefined || !isAtLeast(held, role);
    });
  if (hasLost)
    throw new RegistryError('auth.role_missing', `${after.user} lost a role while the body was sent`);
}
