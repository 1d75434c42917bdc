import type { KeyHistory, KeyId, KeyRecord } from '@sheaf/bundle';
import { splitWorkflowId } from '@sheaf/workflow';
import type { VerifiedReceipt, VerifyWorkflowInput } from '../verification-types.js';
import type { AcceptedPublisher } from './trust-policy.js';

const NONE: ReadonlySet<KeyId> = new Set();

/**
 * Keys that accepted ones vouch for in the log, directly or through others that they vouched for. Asks for the
 * namespace's key events only when the policy lets that count and a signer is not accepted.
 */
export async function findEndorsed(
  { policy: { policy }, freshness }: Pick<VerifyWorkflowInput, 'policy' | 'freshness'>,
  { id, signerFacts }: VerifiedReceipt,
  accepted: AcceptedPublisher | undefined,
): Promise<ReadonlySet<KeyId>> {
  if (policy.onSignerChange !== 'endorsed' || accepted === undefined || freshness?.keyHistory === undefined)
    return NONE;
  if (signerFacts.every(({ keyid }) => accepted.keys.includes(keyid))) return NONE;
  return endorsedBy(await freshness.keyHistory(splitWorkflowId(id).namespace), accepted);
}

/**
 * A key counts when as many keys that are accepted or count already signed for it as had signed at the first use, each
 * of them good at that place of the log. One that was added by recovery never does.
 */
export function endorsedBy(
  { keys }: Pick<KeyHistory, 'keys'>,
  accepted: Pick<AcceptedPublisher, 'keys' | 'threshold'>,
): ReadonlySet<KeyId> {
  const records = new Map(keys.map((record) => [record.keyid, record]));
  const trusted = new Set(accepted.keys);
  for (const record of [...keys].sort((a, b) => a.addedAt - b.addedAt)) {
    if (record.recovery) continue;
    const vouching = record.by.filter((keyid) => {
      const voucher = records.get(keyid);
      return trusted.has(keyid) && voucher !== undefined && isGoodAt(voucher, record.addedAt);
    });
    if (new Set(vouching).size >= accepted.threshold) trusted.add(record.keyid);
  }
  return new Set([...trusted].filter((key) => !accepted.keys.includes(key)));
}

/** Whether the word of a key counts at a place of the log. */
function isGoodAt({ addedAt, revoked }: KeyRecord, index: number): boolean {
  if (addedAt >= index) return false;
  if (revoked === undefined) return true;
  return index < revoked.index && index < (revoked.fromIndex ?? Infinity);
}
