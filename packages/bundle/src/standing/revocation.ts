import type { KeyId } from '../keys/types.js';
import type { RevocationReason } from '../statement/key-event.js';

/** A revocation of a key at its place in the log. */
export interface Revocation {
  readonly keyid: KeyId;
  /** Log index of the revocation. */
  readonly index: number;
  readonly reason: RevocationReason;
  readonly fromIndex?: number;
}

/**
 * So often a key may be revoked: once because it is replaced, then because it was stolen, and then because it was stolen
 * earlier than was known. It bounds the key history of a namespace.
 */
const MAX_REVOCATIONS_PER_KEY = 3;

/** Log index from which on a revocation refuses what its key published: its own, or a lower one that it names. */
export function revocationReach({
  index,
  fromIndex,
}: {
  readonly index: number;
  readonly fromIndex?: number | undefined;
}): number {
  return fromIndex === undefined ? index : Math.min(index, fromIndex);
}

/**
 * Whether a key that is revoked may be revoked once more: only as compromised, and from an index below all that its
 * revocations refuse already, so that each refuses more than those before it and none gives anything back.
 *
 * @param reach the lowest {@link revocationReach} of the revocations before
 * @param count how many there are
 */
export function canRevokeFurther(
  before: { readonly reach: number; readonly count: number },
  fromIndex: number | undefined,
): boolean {
  return fromIndex !== undefined && fromIndex < before.reach && before.count < MAX_REVOCATIONS_PER_KEY;
}
