import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PAYLOAD_TYPE_STATEMENT, signEnvelope, signingKeyFromSeed, verifyEnvelope } from '../src/index.js';
import { codeOf } from '../src/testing/codes.js';

const keys = Array.from({ length: 6 }, (_, i) => signingKeyFromSeed(new Uint8Array(32).fill(i + 1)));
const which = fc.array(fc.nat({ max: keys.length - 1 }), { maxLength: 10 });
const payload = new TextEncoder().encode('{}');

it('a threshold counts distinct authorised public keys, however often each signed or is listed', () => {
  fc.assert(
    fc.property(
      which,
      which,
      fc.integer({ min: 1, max: 7 }),
      fc.boolean(),
      (by, authorised, threshold, isHintWrong) => {
        const envelope = signEnvelope(
          PAYLOAD_TYPE_STATEMENT,
          payload,
          by.map((i) => keys[i] ?? signingKeyFromSeed(payload)),
        );
        const hinted = {
          ...envelope,
          signatures: envelope.signatures.map(({ sig, keyid }, i) => ({
            sig,
            keyid: isHintWrong ? (envelope.signatures.at(i - 1)?.keyid ?? '') : (keyid ?? ''),
          })),
        };
        const trusted = authorised.flatMap((i) => keys[i]?.publicKey ?? []);
        const distinct = new Set(by.filter((i) => authorised.includes(i)));
        const verify = () => verifyEnvelope(hinted, PAYLOAD_TYPE_STATEMENT, trusted, threshold);
        if (distinct.size < threshold) expect(codeOf(verify)).toBe('signature.invalid');
        else expect(new Set(verify().signers.map(({ id }) => id)).size).toBe(distinct.size);
      },
    ),
  );
});
