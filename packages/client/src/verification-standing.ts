import {
  bearsOn,
  checkInclusion,
  isStateLeaf,
  parseLeaf,
  revocationReach,
  type KeyId,
  type Leaf,
  type PublishLeaf,
  type Standing,
} from '@sheaf/bundle';
import { openSeen } from './consistency.js';
import { logOriginOf, logVerifierFor, type Pin } from './pin.js';

/** A publish leaf at its place in the log. */
export interface PlacedPublish {
  readonly index: number;
  readonly leaf: PublishLeaf;
}

/**
 * The fewest documents, newest first, that prove what decides about a release: of each of its keys the revocation that
 * refuses the most, the policy in force at its publish, and the leaf that gave it its state. So they are no more than its
 * keys and two, whatever else is logged. A document that the registry no longer answers is kept as long as it alone
 * proves something: what was proven once stays a fact.
 *
 * @param standings of which every event was verified
 */
export function keepStandings(standings: readonly Standing[], publish: PlacedPublish): readonly Standing[] {
  const needed = findDeciding(standings, publish);
  const kept: Standing[] = [];
  for (const { checkpoint, events } of [...standings].sort((a, b) => sizeOf(b) - sizeOf(a))) {
    const adds = events.filter(({ index }) => needed.delete(index));
    if (adds.length > 0 || kept.length === 0) kept.push({ checkpoint, events: adds });
  }
  return kept;
}

/** Indexes of the events that decide; a registry may have logged any number of others. */
function findDeciding(standings: readonly Standing[], publish: PlacedPublish): Set<number> {
  const strictest = new Map<KeyId, { readonly index: number; readonly reach: number }>();
  let policy = -1;
  let state = -1;
  for (const { index, leaf: bytes } of standings.flatMap(({ events }) => events)) {
    const leaf = findLeaf(bytes);
    if (leaf === undefined || !speaksOf(leaf, index, publish)) continue;
    if (leaf.type === 'key.revoke') {
      const reach = revocationReach({ index, fromIndex: leaf.fromIndex });
      const other = strictest.get(leaf.keyid);
      const isStricter =
        other === undefined || reach < other.reach || (reach === other.reach && index < other.index);
      if (isStricter) strictest.set(leaf.keyid, { index, reach });
    } else if (leaf.type === 'ns.policy') policy = index < publish.index ? Math.max(policy, index) : policy;
    else state = Math.max(state, index);
  }
  const revocations = [...strictest.values()].map(({ index }) => index);
  return new Set([...revocations, policy, state].filter((index) => index >= 0));
}

/** Whether a leaf bears on a release from where it stands: nothing gives a state before there is a release. */
function speaksOf(leaf: Leaf, index: number, publish: PlacedPublish): boolean {
  return (
    bearsOn(leaf, publish.leaf) && index !== publish.index && !(isStateLeaf(leaf) && index < publish.index)
  );
}

function findLeaf(bytes: Uint8Array): Leaf | undefined {
  try {
    return parseLeaf(bytes);
  } catch {
    return undefined;
  }
}

/**
 * What a document proves of a release that comes from a place that others can write to: nothing when the pinned key did
 * not sign its checkpoint, or that does not hold its events; else those events that speak of the release. Says nothing
 * of how the log went on.
 */
export function findSoundPart(
  standing: Standing,
  pin: Pin,
  { realm, publish }: { readonly realm: string; readonly publish: PlacedPublish },
): Standing | undefined {
  try {
    const origin = logOriginOf(pin.origin, realm);
    const verifier = logVerifierFor(pin, realm);
    const seen = { ...openSeen(standing.checkpoint, { verifier, origin }), origin };
    for (const event of standing.events) checkInclusion(event, seen);
  } catch {
    return undefined;
  }
  const events = standing.events.filter(({ index, leaf }) => {
    const parsed = findLeaf(leaf);
    return parsed !== undefined && speaksOf(parsed, index, publish);
  });
  return events.length === 0 ? undefined : { ...standing, events };
}

/** The size that an opened note tells in its second line. */
function sizeOf({ checkpoint }: Standing): number {
  return Number(checkpoint.split('\n', 2)[1]);
}
