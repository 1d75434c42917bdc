import { expect, it } from 'vitest';
import { failureKindOf } from './failure-kind.js';

it.each([
  [
    'wrong',
    ['log.signature', 'log.key_unknown', 'log.fork', 'log.rollback', 'proof.inclusion', 'leaf.mismatch'],
  ],
  [
    'wrong',
    ['signature.invalid', 'blob.digest', 'tar.digest', 'archive.order', 'key.unauthorised', 'key.revoked'],
  ],
  ['stale', ['witness.quorum', 'log.stale']],
  ['changed', ['signer.changed', 'key.recovery', 'log.key_changed']],
  ['refused', ['publisher.not_allowed', 'state.quarantined', 'release.too_young']],
  [undefined, ['network.timeout', 'workflow.not_found', '', '__proto__']],
])('is %s for %j', (kind, codes) => {
  expect(codes.map(failureKindOf)).toEqual(codes.map(() => kind));
});
