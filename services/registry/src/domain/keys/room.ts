import type { KeyEvent } from '@sheaf/bundle';
import type { Transaction } from 'kysely';
import { countKeyEvents, secondsUntilFree, type KeyEventCounts, type PacedEvent } from '../../db/key-room.js';
import type { Database } from '../../db/schema.js';
import { RegistryError } from '../error.js';

/** So many keys of a namespace may be active, not counting those that a recovery has just added. */
export const MAX_ACTIVE_KEYS = 16;

/**
 * So many events of each kind a namespace may ever have: together no more than 256, which fit into the document of its
 * key history (4 MiB): an envelope of 8 KiB, a leaf of 4 KiB in base64 and a proof are less than 16 KiB. A key counts
 * twice, because whoever could add it must be able to revoke it. Each kind has room of its own, so that whoever uses up
 * one, with a stolen key, takes nothing from the others, least of all from a recovery.
 */
const ROOM = { keys: 72, recoveries: 16, policies: 48, furtherRevocations: 32 } as const;
const MAX_KEY_EVENTS = 2 * (ROOM.keys + ROOM.recoveries) + ROOM.policies + ROOM.furtherRevocations;
/** Of the further revocations, so many are kept for those that an owner with fresh authentication asks for. */
const KEPT_FOR_OWNERS = 16;

/** So many a day: what somebody does with a stolen key is slow, and is noticed before the room is used up. */
const PER_DAY: Readonly<Record<PacedEvent, number>> = { key: 10, recovery: 3, policy: 10 };

/** A change that has just been stored, so that it is counted. */
export interface StoredChange {
  readonly event: KeyEvent;
  /** For a revocation: the key was revoked before. */
  readonly isFurther: boolean;
  /** The caller stands in for the keys, as in a recovery. */
  readonly isFresh: boolean;
}

/**
 * Refuses a change of a namespace's keys that is one too many.
 *
 * @throws RegistryError `state.conflict`, `rate.limited`
 */
export async function assertRoom(
  trx: Transaction<Database>,
  namespaceId: number,
  change: StoredChange,
): Promise<void> {
  const { event } = change;
  // The first revocation of a key was counted when the key was added.
  if (event.type === 'key.revoke' && !change.isFurther) return;
  const counts = await countKeyEvents(trx, namespaceId);
  const problem = findLack(change, counts);
  if (problem !== undefined) throw new RegistryError('state.conflict', `${event.namespace} ${problem}`);
  if (event.type === 'key.revoke') return;
  const paced = event.type === 'ns.policy' ? 'policy' : event.recovery ? 'recovery' : 'key';
  const limit = PER_DAY[paced];
  const seconds = await secondsUntilFree(trx, namespaceId, { event: paced, limit });
  if (seconds === 0) return;
  throw new RegistryError(
    'rate.limited',
    `${event.namespace} had ${limit} ${paced === 'policy' ? 'policies' : paced === 'key' ? 'new keys' : 'recoveries'} within 24 hours, and may have no more`,
    { retryAfterSeconds: seconds },
  );
}

/** What there is too little room for, and what to do; nothing when there is enough. */
export function findLack(
  { event, isFresh }: Omit<StoredChange, 'isFurther'>,
  counts: KeyEventCounts,
): string | undefined {
  const { keys, recoveries, policies, furtherRevocations } = counts;
  const total = 2 * (keys + recoveries) + policies + furtherRevocations;
  if (total > MAX_KEY_EVENTS) return 'has had as many keys, revocations and policies as a namespace may have';
  if (event.type === 'ns.policy') {
    return policies > ROOM.policies
      ? `has had the ${ROOM.policies} policies that a namespace may have`
      : undefined;
  }
  if (event.type === 'key.revoke') {
    const room = ROOM.furtherRevocations - (isFresh ? 0 : KEPT_FOR_OWNERS);
    return furtherRevocations > room
      ? 'has had as many further revocations as a namespace may have'
      : undefined;
  }
  if (event.recovery) {
    return recoveries > ROOM.recoveries
      ? `has had the ${ROOM.recoveries} recoveries that a namespace may have`
      : undefined;
  }
  if (keys > ROOM.keys) return `has had the ${ROOM.keys} keys that a namespace may have`;
  return counts.active > MAX_ACTIVE_KEYS
    ? `has ${MAX_ACTIVE_KEYS} active keys, and may have no more: revoke one that is not used any longer first`
    : undefined;
}
