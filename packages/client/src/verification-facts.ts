import type { PublishLeaf, Standing } from '@sheaf/bundle';
import { splitWorkflowId } from '@sheaf/workflow';
import { claimedLeaf } from './claimed-leaf.js';
import { PUBLIC_REALM, registryIdOf } from './pin.js';
import { realmOf } from './verification-realm.js';
import { findSoundPart, keepStandings } from './verification-standing.js';
import type { VerifyWorkflowInput } from './verification-types.js';

/** The facts of a release: what its log was ever proven to say of it, here or now. */
export interface Facts {
  /** What was given for this verification, and what is kept of earlier ones. */
  readonly standings: readonly Standing[];
  /**
   * Keeps what decides about the release, for every later verification. To be called when log and leaf are verified,
   * and before anything of it can refuse the release: that it is refused is what must not be forgotten.
   *
   * @throws ClientError `trust.unusable`
   */
  readonly keep: (leaf: PublishLeaf) => Promise<void>;
}

/**
 * Reads what is kept of a release and unites it with what is given. What others wrote there proves nothing and is
 * passed over: it must not make an honest registry fail.
 *
 * @throws ClientError `trust.unusable`, `cache.unusable`
 */
export async function openFacts(input: VerifyWorkflowInput): Promise<Facts> {
  const { receipt, expected, pin, trust, cache, standings, signal } = input;
  const { id, version } = expected;
  const { index } = receipt.publish;
  const key = { logKey: pin.logKey, id, version };
  const leaf = claimedLeaf(receipt);
  const realm = realmOf(receipt, pin, splitWorkflowId(id).namespace) ?? PUBLIC_REALM;
  const kept = [
    ...(await trust.findFacts(key, { signal })),
    ...((await cache?.findStandings({ registry: registryIdOf(pin), id, version })) ?? []),
  ];
  const known =
    leaf === undefined
      ? []
      : kept.flatMap((each) => findSoundPart(each, pin, { realm, publish: { index, leaf } }) ?? []);
  const united = [...standings, ...known];
  return {
    standings: united,
    keep: (verified) => {
      const publish = { index, leaf: verified };
      return trust.keepFacts(key, (now) => {
        const parts = now.map((each) => findSoundPart(each, pin, { realm, publish }));
        const deciding = keepStandings([...united, ...parts.flatMap((part) => part ?? [])], publish);
        const others = now.flatMap((each, i) => without(each, parts[i]));
        return [...deciding, ...others].filter(({ events }) => events.length > 0);
      });
    },
  };
}

/** What a document says of another release under the same name, should a log hold two: it stays a fact about that one. */
function without(standing: Standing, part: Standing | undefined): readonly Standing[] {
  const taken = new Set(part?.events.map(({ index }) => index));
  const events = standing.events.filter(({ index }) => !taken.has(index));
  return events.length === 0 ? [] : [{ ...standing, events }];
}
