import type { KeyId } from '../keys/types.js';

/** A key of a namespace, and who vouched for it. */
export interface EndorsedKey {
  readonly keyid: KeyId;
  /** Log index of the leaf that added it. */
  readonly addedAt: number;
  /** The keys that signed for it, itself included. */
  readonly by: readonly KeyId[];
  readonly isActive: boolean;
}

/**
 * The active keys to check after a theft: those that a key vouched for from a log index on, and those that these vouched
 * for in turn, in the order of the log. A revocation takes back none of them.
 */
export function endorsedBy(keys: readonly EndorsedKey[], stolen: KeyId, fromIndex: number): readonly KeyId[] {
  const suspect = new Set<KeyId>([stolen]);
  const found: KeyId[] = [];
  // A key vouches only for keys that come after it.
  for (const { keyid, addedAt, by, isActive } of [...keys].sort((a, b) => a.addedAt - b.addedAt)) {
    if (keyid === stolen || addedAt < fromIndex || !by.some((id) => id !== keyid && suspect.has(id)))
      continue;
    suspect.add(keyid);
    if (isActive) found.push(keyid);
  }
  return found;
}
