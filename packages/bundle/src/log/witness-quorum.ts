import { equalBytes } from '../encoding/equal-bytes.js';
import type { WitnessVerifier } from './cosignature.js';
import type { WitnessPolicy } from './witness-policy.js';

/** Whether a policy's quorum is met. */
export interface QuorumResult {
  readonly met: boolean;
  /** Such as `1 of 2 witnesses`: how many there are of how many that are needed. */
  readonly detail: string;
}

/**
 * Whether the witnesses that cosigned a checkpoint are a quorum (C2SP tlog-policy). What they cosigned must have been
 * verified: `readCosignatures` answers who did.
 */
export function checkQuorum(policy: WitnessPolicy, cosigned: readonly WitnessVerifier[]): QuorumResult {
  const { quorum } = policy;
  if (quorum === undefined) return { met: true, detail: 'no witness is needed' };
  const witnessed = new Set<string>();
  for (const { name, verifier } of policy.witnesses) {
    if (cosigned.some((one) => equalBytes(one.publicKey, verifier.publicKey))) witnessed.add(name);
  }
  // Every group stands after its members, so that one pass settles all of them, however deep they are nested.
  const countOf = (members: readonly string[]) => members.filter((member) => witnessed.has(member)).length;
  for (const { name, threshold, members } of policy.groups) {
    if (countOf(members) >= threshold) witnessed.add(name);
  }
  const group = policy.groups.find(({ name }) => name === quorum);
  const [count, needed] =
    group === undefined ? [countOf([quorum]), 1] : [countOf(group.members), group.threshold];
  const isNested = group?.members.some((member) => policy.groups.some(({ name }) => name === member));
  const what = isNested === true ? 'groups of witnesses' : needed === 1 ? 'witness' : 'witnesses';
  return { met: witnessed.has(quorum), detail: `${count} of ${needed} ${what}` };
}
