import { BundleError } from '../error.js';
import type { KeyRevokeLeaf } from '../log/leaf/key.js';
import type { NamespacePolicyLeaf } from '../log/leaf/namespace.js';
import type { PublishLeaf } from '../log/leaf/publish.js';
import type { StateLeaf } from '../log/leaf/state.js';
import type { Leaf } from '../log/leaf.js';
import { type LogEvent, orderEvents, type PlacedLeaf } from './log-event.js';
import { type Revocation, revocationReach } from './revocation.js';

/** What a release is to those who look for it. */
export type ReleaseState = 'active' | 'deprecated' | 'yanked' | 'quarantined';

/** What the log says of a release beyond its receipt. */
export interface ReleaseStanding {
  readonly state: ReleaseState;
  readonly reason?: string;
  readonly replacement?: string;
  /** Log index of the leaf that gave the release its state; absent when none ever did. */
  readonly stateIndex?: number;
  /** How many keys the namespace asked for when the release was published. */
  readonly threshold: number;
  /** Log index of the policy that says so; absent when there was none. */
  readonly policyIndex?: number;
  /** Those of its keys, which it outlives, by log index; a key may be revoked more than once. */
  readonly revocations: readonly Revocation[];
}

/** A publish leaf at its place in the log. */
export interface PlacedPublish {
  readonly index: number;
  readonly leaf: PublishLeaf;
}

/** The state that each type of leaf gives. */
const STATE_AFTER: Readonly<Record<StateLeaf['type'], ReleaseState>> = {
  deprecate: 'deprecated',
  undeprecate: 'active',
  yank: 'yanked',
  unyank: 'active',
  quarantine: 'quarantined',
  unquarantine: 'active',
};

/** The state of a release after a leaf. */
export function stateAfter(type: StateLeaf['type']): ReleaseState {
  return STATE_AFTER[type];
}

/** What is said of a release after a leaf: nothing of one that is active, whatever the leaf says of why it is again. */
export function remarksAfter(leaf: {
  readonly type: StateLeaf['type'];
  readonly reason?: string;
  readonly replacement?: string;
}): Pick<ReleaseStanding, 'reason' | 'replacement'> {
  if (stateAfter(leaf.type) === 'active') return {};
  const { reason, replacement } = leaf;
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(replacement === undefined ? {} : { replacement }),
  };
}

/** Whether a leaf changes a release's state. */
export function isStateLeaf(leaf: Leaf): leaf is StateLeaf {
  return Object.hasOwn(STATE_AFTER, leaf.type);
}

/** Whether a leaf has a say in a release: a revocation of one of its keys, a policy of its namespace, a state of its own. */
export function bearsOn(event: Leaf, publish: PublishLeaf): boolean {
  if (event.ns !== publish.ns) return false;
  if (event.type === 'ns.policy') return true;
  if (event.type === 'key.revoke') return publish.keyids.includes(event.keyid);
  return isStateLeaf(event) && event.name === publish.name && event.version === publish.version;
}

/**
 * What events of the log mean for a release. A revocation refuses every publish after it; one that says `compromised`
 * also those from its `fromIndex` on; of several the strictest decides. The policy that was in force at the publish asks for its number of keys. The
 * newest state leaf decides the state. The order of the events does not matter, nor does one that is given twice.
 *
 * @param events of which the caller has checked that the log holds them
 * @throws BundleError `key.revoked`, `signature.threshold`, `leaf.mismatch` for an event that does not bear on the
 *   release, `standing.invalid` for events that no log can hold together, `leaf.invalid`, or `leaf.type_unknown`
 */
export function checkStanding(events: readonly LogEvent[], publish: PlacedPublish): ReleaseStanding {
  const ordered = orderEvents(events);
  for (const event of ordered) checkBearing(event, publish);
  const revocations = ordered.flatMap((event) => (isPlaced(event, isRevoke) ? [revocationOf(event)] : []));
  checkRevocations(revocations, publish);
  const policy = ordered
    .filter((event) => isPlaced(event, isPolicy))
    .findLast((p) => p.index < publish.index);
  const threshold = policy?.leaf.threshold ?? 1;
  if (publish.leaf.keyids.length < threshold) {
    throw new BundleError(
      'signature.threshold',
      `${publish.leaf.keyids.length} of the ${threshold} keys that the namespace asks for signed the release`,
      { hint: 'do not use it; its registry logged what the policy of the namespace does not allow' },
    );
  }
  const state = ordered.filter((event) => isPlaced(event, isStateLeaf)).at(-1);
  return {
    ...(state === undefined ? { state: 'active' } : standingOf(state)),
    threshold,
    ...(policy === undefined ? {} : { policyIndex: policy.index }),
    revocations,
  };
}

function checkBearing({ index, leaf }: PlacedLeaf, publish: PlacedPublish): void {
  if (!bearsOn(leaf, publish.leaf)) {
    throw new BundleError('leaf.mismatch', `the leaf at log index ${index} is not about this release`, {
      hint: 'do not use it; the registry or the way to it has mixed up what belongs together',
    });
  }
  if (index === publish.index || (isStateLeaf(leaf) && index < publish.index)) {
    throw new BundleError(
      'standing.invalid',
      `the leaf at log index ${index} stands where the release at ${publish.index} does not let it stand`,
    );
  }
}

function revocationOf({ index, leaf }: PlacedLeaf<KeyRevokeLeaf>): Revocation {
  const { keyid, reason, fromIndex } = leaf;
  return { keyid, index, reason, ...(fromIndex === undefined ? {} : { fromIndex }) };
}

function checkRevocations(revocations: readonly Revocation[], publish: PlacedPublish): void {
  const strictest = [...revocations].sort((a, b) => revocationReach(a) - revocationReach(b))[0];
  if (strictest === undefined || publish.index < revocationReach(strictest)) return;
  const { keyid, reason, index } = strictest;
  throw new BundleError(
    'key.revoked',
    `key ${keyid.slice(0, 16)} was revoked as ${reason} at log index ${index}, ` +
      `and the release stands at ${publish.index}`,
    {
      hint: `only what the key signed before log index ${revocationReach(strictest)} still counts: use an older version, or one that another key signed`,
    },
  );
}

function standingOf({ index, leaf }: PlacedLeaf<StateLeaf>) {
  return { state: stateAfter(leaf.type), stateIndex: index, ...remarksAfter(leaf) };
}

function isPlaced<L extends Leaf>(event: PlacedLeaf, is: (leaf: Leaf) => leaf is L): event is PlacedLeaf<L> {
  return is(event.leaf);
}

function isRevoke(leaf: Leaf): leaf is KeyRevokeLeaf {
  return leaf.type === 'key.revoke';
}

function isPolicy(leaf: Leaf): leaf is NamespacePolicyLeaf {
  return leaf.type === 'ns.policy';
}
