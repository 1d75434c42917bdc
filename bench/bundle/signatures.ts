import { execFileSync } from 'node:child_process';
import {
  generateSigningKey,
  PAYLOAD_TYPE_STATEMENT,
  signEd25519,
  signEnvelope,
  verifyEd25519,
  verifyEnvelope,
} from '@sheaf/bundle';
import { perSecond } from '../lib/measure.js';
import type { Row } from '../lib/report.js';

interface OpensslSpeed {
  readonly signs: number;
  readonly verifies: number;
}

/** What `openssl speed ed25519` prints last: seconds for one of each, then how many of each a second. */
function findOpensslSpeed(seconds: number): OpensslSpeed | undefined {
  try {
    const args = ['speed', '-seconds', String(seconds), 'ed25519'];
    const printed = execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const [signs, verifies] = (printed.trim().split('\n').at(-1)?.split(/\s+/) ?? []).slice(-2).map(Number);
    return signs !== undefined && verifies !== undefined && signs > 0 && verifies > 0
      ? { signs, verifies }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Signing and strict verification, bare and in an envelope of 600 bytes, beside openssl's own loop. */
export function benchSignatures(forMs: number): readonly Row[] {
  const key = generateSigningKey();
  const message = new Uint8Array(600).fill(0x20);
  const signature = signEd25519(key, message);
  const envelope = signEnvelope(PAYLOAD_TYPE_STATEMENT, message, [key]);
  const before = findOpensslSpeed(1);
  const signs = perSecond(() => signEd25519(key, message), forMs);
  const verifies = perSecond(() => verifyEd25519(key.publicKey.raw, message, signature), forMs);
  const envelopes = perSecond(
    () => verifyEnvelope(envelope, PAYLOAD_TYPE_STATEMENT, [key.publicKey], 1),
    forMs,
  );
  const after = findOpensslSpeed(1);
  const mean = (of: keyof OpensslSpeed): number | undefined =>
    before === undefined || after === undefined ? undefined : (before[of] + after[of]) / 2;
  const beside = (what: string, value: number, peerValue: number | undefined): Row => ({
    what,
    value,
    unit: '/CPU-s',
    peer: 'openssl speed ed25519',
    ...(peerValue === undefined ? { note: 'openssl is missing' } : { peerValue, ratio: value / peerValue }),
  });
  return [
    beside('sign, 600 bytes', signs, mean('signs')),
    beside('verify strictly, 600 bytes', verifies, mean('verifies')),
    beside('verify an envelope', envelopes, mean('verifies')),
  ];
}
