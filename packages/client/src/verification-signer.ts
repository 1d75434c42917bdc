import {
  checkAuthority,
  checkChain,
  checkEnvelope,
  checkStanding,
  checkStatement,
  parseLeaf,
  type KeyId,
  type PublicKey,
  type PublishLeaf,
  type PublishStatement,
  type Receipt,
  type ReleaseStanding,
} from '@sheaf/bundle';
import { printable } from '@sheaf/workflow';
import { describeIdentity, identityId } from './policy/signer-identity.js';
import type { SignerFacts } from './policy/trust-policy.js';
import { assertTime } from './times.js';
import type { Checked } from './verification-steps.js';
import type { VerifyReceiptInput } from './verification-types.js';

/** Who signed, what they signed, and what the log has said of it since. */
export interface Signed {
  readonly signers: readonly PublicKey[];
  readonly signerFacts: readonly SignerFacts[];
  readonly statement: PublishStatement;
  readonly standing: ReleaseStanding;
}

/**
 * Step `signer`: the envelope is the logged one; every key that the leaf names was added to the log before, and signed
 * it, strictly, for this registry; none of them is revoked for it, and they are as many as their namespace asked for; all these leaves
 * are of one chain.
 */
export function checkSigner(
  { receipt, pin, standings = [] }: VerifyReceiptInput,
  leaf: PublishLeaf,
): Checked<Signed> {
  checkEnvelope(receipt, leaf);
  const signers = checkAuthority(receipt, leaf);
  const statement = checkStatement(receipt.envelope, signers, signers.length, leaf, pin.origin);
  const events = standings.flatMap((document) => document.events);
  const standing = checkStanding(events, { index: receipt.publish.index, leaf });
  checkChain([receipt.publish, ...receipt.authority, ...events]);
  const signerFacts = factsOf(receipt);
  const described = signers.map((key, i) => describeSigner(key.id, signerFacts[i])).join(', ');
  return {
    value: { signers, signerFacts, statement, standing },
    detail: `${described}, added at #${leaf.auth.join(', #')}, ${describeRevocations(standing)}`,
  };
}

function describeSigner(id: KeyId, facts: SignerFacts | undefined): string {
  const holder = facts?.identity;
  return holder === undefined
    ? shortKey(id)
    : `${shortKey(id)} of ${printable(describeIdentity(holder), 500)}`;
}

function describeRevocations({ revocations }: ReleaseStanding): string {
  if (revocations.length === 0) return 'not revoked';
  const list = revocations.map(({ keyid, reason, index }) => `${shortKey(keyid)} at #${index} as ${reason}`);
  return `revoked later: ${list.join(', ')}`;
}

/** What the authorising leaves say; `checkAuthority` has made sure that there is one for each key, in order. */
function factsOf(receipt: Receipt): readonly SignerFacts[] {
  return receipt.authority.flatMap(({ index, leaf: bytes }) => {
    const leaf = parseLeaf(bytes);
    if (leaf.type !== 'key.add' && leaf.type !== 'key.ephemeral') return [];
    assertTime(index, leaf);
    if (leaf.type === 'key.ephemeral') {
      const { issuer, identity, claims } = leaf;
      const holder = { issuer, identity, ...(claims === undefined ? {} : { claims }) };
      return [
        {
          keyid: identityId(holder),
          identity: holder,
          addedIndex: index,
          addedAtSeconds: leaf.t,
          recovered: false,
        },
      ];
    }
    return [
      {
        keyid: leaf.keyid,
        addedIndex: index,
        addedAtSeconds: leaf.t,
        recovered: leaf.recovery === true,
      },
    ];
  });
}

function shortKey(id: KeyId): string {
  return `${id.slice(0, 4)}…${id.slice(-4)}`;
}
