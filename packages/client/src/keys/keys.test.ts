import { parseEnvelope, encodeEnvelope, type KeyEvent } from '@sheaf/bundle';
import { parseNamespace } from '@sheaf/workflow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testKey } from '../testing/test-log.js';
import {
  addSignature,
  findSigners,
  keyAddEvent,
  keyRevokeEvent,
  policyEvent,
  readKeyEvent,
  signKeyEvent,
} from './events.js';
import { activeKeys, countSignatures } from './needs.js';

const PLACE = { registry: 'wf.example.com', namespace: parseNamespace('acme') };
const [A, B, C, NEW] = [testKey(1), testKey(2), testKey(3), testKey(4)] as const;
const recordOf = (key: typeof A, revoked?: object) => ({ publicKey: key.publicKey, revoked });
const TWO_OF_THREE = { keys: [recordOf(A), recordOf(B), recordOf(C, {})], threshold: 2 };

describe('key events', () => {
  it('are read back as they were signed', () => {
    const events: readonly KeyEvent[] = [
      keyAddEvent(PLACE, NEW.publicKey),
      keyAddEvent(PLACE, NEW.publicKey, { recovery: true }),
      keyRevokeEvent(PLACE, A.publicKey.id, { reason: 'superseded' }),
      keyRevokeEvent(PLACE, A.publicKey.id, { reason: 'compromised', fromIndex: 7 }, { recovery: true }),
      policyEvent(PLACE, 2, undefined),
      policyEvent(PLACE, 3, 12),
    ];
    for (const event of events) {
      const carried = parseEnvelope(encodeEnvelope(signKeyEvent(event, [A])));
      expect(readKeyEvent(carried)).toEqual(event);
    }
  });

  it('hold every key once, in whatever order and however often it signs', () => {
    const keys = [A, B, C, NEW];
    const event = policyEvent(PLACE, 2, undefined);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 8 }), (order) => {
        const [first = 0, ...rest] = order;
        const pick = (i: number) => keys[i] ?? A;
        const envelope = rest.reduce((e, i) => addSignature(e, pick(i)), signKeyEvent(event, [pick(first)]));
        const signers = findSigners(
          envelope,
          keys.map((key) => key.publicKey),
        ).map(({ id }) => id);
        expect(new Set(signers)).toEqual(new Set(order.map((i) => pick(i).publicKey.id)));
        expect(envelope.signatures).toHaveLength(new Set(order).size);
      }),
    );
  });

  it('are not read from an envelope of something else', () => {
    const envelope = { ...signKeyEvent(policyEvent(PLACE, 2, undefined), [A]), payloadType: 'text/plain' };
    expect(() => readKeyEvent(envelope)).toThrow(
      expect.objectContaining({ code: 'envelope.payload_type' }) as Error,
    );
  });
});

describe('countSignatures', () => {
  const count = (event: KeyEvent, ...keys: (typeof A)[]) =>
    countSignatures(signKeyEvent(event, keys), event, TWO_OF_THREE);

  it('counts active keys only, each once', () => {
    expect(activeKeys(TWO_OF_THREE)).toEqual([A.publicKey, B.publicKey]);
    const add = keyAddEvent(PLACE, NEW.publicKey);
    expect(count(add, NEW, A)).toEqual({ by: [A.publicKey.id], needed: 2, isComplete: false });
    expect(count(add, NEW, A, C)).toMatchObject({ needed: 2, isComplete: false });
    expect(count(add, NEW, A, B)).toMatchObject({ needed: 2, isComplete: true });
  });

  it('asks for the new key itself', () => {
    expect(count(keyAddEvent(PLACE, NEW.publicKey), A, B)).toMatchObject({
      unproven: NEW.publicKey.id,
      isComplete: false,
    });
  });

  it('asks nobody else for the first key and for a recovery', () => {
    const add = keyAddEvent(PLACE, NEW.publicKey);
    const none = { keys: [], threshold: 1 };
    expect(countSignatures(signKeyEvent(add, [NEW]), add, none).isComplete).toBe(true);
    expect(count(keyAddEvent(PLACE, NEW.publicKey, { recovery: true }), NEW).isComplete).toBe(true);
  });

  it('lets a key revoke itself, and others only together', () => {
    const revoke = keyRevokeEvent(PLACE, A.publicKey.id, { reason: 'superseded' });
    expect(count(revoke, A)).toMatchObject({ needed: 1, isComplete: true });
    expect(count(revoke, B)).toMatchObject({ needed: 2, isComplete: false });
    const recovery = keyRevokeEvent(PLACE, A.publicKey.id, { reason: 'superseded' }, { recovery: true });
    expect(count(recovery, B)).toMatchObject({ needed: 1, isComplete: true });
  });

  it('asks for the larger number when the policy changes', () => {
    expect(count(policyEvent(PLACE, 1, 3), A)).toMatchObject({ needed: 2, isComplete: false });
    expect(count(policyEvent(PLACE, 3, 3), A, B)).toMatchObject({ needed: 3, isComplete: false });
  });
});
