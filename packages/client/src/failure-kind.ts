import { isVerificationCode } from './verification-codes.js';

/**
 * What a failed verification means for the one who asked: `wrong` when things disagree that must agree, `changed` when all
 * is valid and not what was accepted here, `stale` when it is not shown to be fresh, `refused` by the policy here.
 */
export type FailureKind = 'wrong' | 'changed' | 'stale' | 'refused';

const CHANGED: ReadonlySet<string> = new Set([
  'signer.changed',
  'signer.downgraded',
  'key.recovery',
  'log.key_changed',
  'log.realm_changed',
]);
const STALE: ReadonlySet<string> = new Set(['log.stale', 'witness.quorum']);
const REFUSED: ReadonlySet<string> = new Set([
  'publisher.not_allowed',
  'publisher.not_accepted',
  'release.too_young',
  'state.quarantined',
  'state.yanked',
]);

/** The kind of failure that a code stands for; undefined for one with which no verification fails. */
export function failureKindOf(code: string): FailureKind | undefined {
  if (CHANGED.has(code)) return 'changed';
  if (STALE.has(code)) return 'stale';
  if (REFUSED.has(code)) return 'refused';
  return isVerificationCode(code) ? 'wrong' : undefined;
}
