import { bearsOn, checkInclusion, parseLeaf, type PublishLeaf, type Standing } from '@sheaf/bundle';
import { openSeen } from './consistency.js';
import { logOriginOf, logVerifierFor, type Pin } from './pin.js';

/** More documents than the events of an honest log ever need. */
const MAX_KEPT = 16;

/** A publish leaf at its place in the log. */
interface Publish {
  readonly index: number;
  readonly leaf: PublishLeaf;
}

/**
 * The fewest documents, newest first, that prove what decides about a release: every revocation of its keys, the policy
 * in force at its publish, and the leaf that gave it its state. A document that the registry no longer answers is kept
 * as long as it alone proves something: what was proven once stays a fact.
 *
 * @param standings of which every event was verified
 */
export function keepStandings(standings: readonly Standing[], publish: Publish): readonly Standing[] {
  const needed = findDeciding(standings, publish);
  const kept: Standing[] = [];
  for (const { checkpoint, events } of [...standings].sort((a, b) => sizeOf(b) - sizeOf(a))) {
    const adds = events.filter(({ index }) => needed.delete(index));
    if (adds.length > 0 || kept.length === 0) kept.push({ checkpoint, events: adds });
  }
  return kept.slice(0, MAX_KEPT);
}

/** Indexes of the events that decide; a registry may have logged any number of others. */
function findDeciding(standings: readonly Standing[], publish: Publish): Set<number> {
  const deciding = new Set<number>();
  let policy = -1;
  let state = -1;
  for (const { index, leaf: bytes } of standings.flatMap(({ events }) => events)) {
    const leaf = parseLeaf(bytes);
    if (!bearsOn(leaf, publish.leaf)) continue;
    if (leaf.type === 'key.revoke') deciding.add(index);
    else if (leaf.type === 'ns.policy') policy = index < publish.index ? Math.max(policy, index) : policy;
    else state = Math.max(state, index);
  }
  return new Set([...deciding, policy, state].filter((index) => index >= 0));
}

/**
 * Whether a document from a place that others can write to proves what it says of a release: the pinned key signed its
 * checkpoint, which holds its events, and they bear on the release. Says nothing of how the log went on.
 */
export function isSoundStanding(
  standing: Standing,
  pin: Pin,
  release: { readonly realm: string; readonly leaf: PublishLeaf },
): boolean {
  try {
    const { realm, leaf } = release;
    const origin = logOriginOf(pin.origin, realm);
    const seen = {
      ...openSeen(standing.checkpoint, { verifier: logVerifierFor(pin, realm), origin }),
      origin,
    };
    for (const event of standing.events) checkInclusion(event, seen);
    return standing.events.every((event) => bearsOn(parseLeaf(event.leaf), leaf));
  } catch {
    return false;
  }
}

/** The size that an opened note tells in its second line. */
function sizeOf({ checkpoint }: Standing): number {
  return Number(checkpoint.split('\n', 2)[1]);
}
