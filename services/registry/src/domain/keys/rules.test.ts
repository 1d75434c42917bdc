import type { KeyId } from '@sheaf/bundle';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideAdd, decidePolicy, decideRevoke, type KeyView, type KnownRevocation } from './rules.js';

const id = (n: number) => n.toString(16).padStart(64, '0') as KeyId;
const NEW = id(99);

/** Keys 0 to 5, each of them active, revoked or never seen, and a threshold; and who has signed. */
const scene = fc.record({
  states: fc.array(fc.constantFrom('active', 'revoked', 'unknown'), { minLength: 6, maxLength: 6 }),
  threshold: fc.integer({ min: 1, max: 6 }),
  signed: fc.subarray([0, 1, 2, 3, 4, 5]),
  recovery: fc.boolean(),
});

function viewOf({ states, threshold }: { states: readonly string[]; threshold: number }): KeyView {
  const of = (wanted: string) => states.flatMap((state, i) => (state === wanted ? [id(i)] : []));
  return {
    active: new Set(of('active')),
    revoked: new Map(of('revoked').map((key) => [key, [{ reason: 'superseded', logIndex: 5 }] as const])),
    isEmpty: states.every((state) => state === 'unknown'),
    threshold,
    policyIndex: 7,
  };
}

const recoveryOf = ({ recovery }: { recovery: boolean }): { readonly recovery?: true } =>
  recovery ? { recovery } : {};

function decide<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('whatever the keys, the threshold and the signers are', () => {
  test('a key is added by itself and enough active keys, unless it is the first or a recovery', () => {
    fc.assert(
      fc.property(scene, (s) => {
        const view = viewOf(s);
        const active = s.signed.map(id).filter((key) => view.active.has(key));
        const alone = view.isEmpty || s.recovery;
        const decided = decide(() => decideAdd(view, recoveryOf(s), NEW, [NEW, ...s.signed.map(id)]));
        if (alone) expect(decided).toEqual([NEW]);
        else if (active.length >= view.threshold) expect(decided).toEqual([NEW, ...active]);
        else expect(decided).toMatch(/^key\.(threshold|endorsement_required|revoked)$/);
      }),
    );
  });

  test('an active key is revoked by itself, by enough active keys, or in a recovery by any of them', () => {
    fc.assert(
      fc.property(scene, fc.nat({ max: 5 }), (s, target) => {
        const view = viewOf(s);
        const active = s.signed.map(id).filter((key) => view.active.has(key));
        const event = {
          keyid: id(target),
          reason: 'superseded',
          ...recoveryOf(s),
        } as const;
        const decided = decide(() => decideRevoke(view, event, s.signed.map(id), 10));
        const isEnough = active.includes(id(target)) || active.length >= (s.recovery ? 1 : view.threshold);
        if (view.revoked.has(id(target))) expect(decided).toBeUndefined();
        else if (!view.active.has(id(target))) expect(decided).toBe('key.not_found');
        else if (isEnough) expect(decided).toEqual(active);
        else expect(decided).toMatch(/^key\.(threshold|revoked)$/);
      }),
    );
  });

  test('a policy is set by as many active keys as the larger threshold, and asks for no more than there are', () => {
    fc.assert(
      fc.property(scene, fc.integer({ min: 1, max: 15 }), fc.boolean(), (s, threshold, isReplay) => {
        const view = viewOf(s);
        const active = s.signed.map(id).filter((key) => view.active.has(key));
        const event = { threshold, replaces: isReplay ? 6 : 7 };
        const decided = decide(() => decidePolicy(view, event, s.signed.map(id)));
        if (isReplay || threshold > view.active.size) expect(decided).toBe('policy.invalid');
        else if (active.length >= Math.max(threshold, view.threshold)) expect(decided).toEqual(active);
        else expect(decided).toMatch(/^key\.(threshold|revoked)$/);
      }),
    );
  });
});

test('a revocation as compromised names an index that the log has reached', () => {
  const view = viewOf({ states: ['active'], threshold: 1 });
  const at = (fromIndex: number) =>
    decide(() => decideRevoke(view, { keyid: id(0), reason: 'compromised', fromIndex }, [id(0)], 10));
  expect(at(10)).toEqual([id(0)]);
  expect(at(11)).toBe('key.event_invalid');
});

test('a revoked key is revoked again, by others, just when that refuses more than before, and at most three times', () => {
  const revocation = fc.option(fc.nat({ max: 12 }), { nil: undefined });
  fc.assert(
    fc.property(fc.array(revocation, { minLength: 2, maxLength: 8 }), fc.boolean(), (tried, isPending) => {
      const accepted: KnownRevocation[] = [];
      let reach = Infinity;
      for (const [i, fromIndex] of tried.entries()) {
        const logSize = 10 + i;
        const reason = fromIndex === undefined ? ('superseded' as const) : ('compromised' as const);
        const what = { reason, ...(fromIndex === undefined ? {} : { fromIndex }) };
        const view: KeyView = {
          active: new Set(accepted.length === 0 ? [id(0), id(1)] : [id(1)]),
          revoked: new Map(accepted.length === 0 ? [] : [[id(0), accepted]]),
          isEmpty: false,
          threshold: 1,
          policyIndex: undefined,
        };
        const decided = decide(() => decideRevoke(view, { keyid: id(0), ...what }, [id(1)], logSize));
        const isKnown = accepted.some((r) => r.reason === reason && r.fromIndex === fromIndex);
        const isStricter = accepted.length === 0 || (fromIndex !== undefined && fromIndex < reach);
        if (isKnown) expect(decided).toBeUndefined();
        else if (!isStricter || accepted.length === 3) expect(decided).toBe('state.conflict');
        else if (fromIndex !== undefined && fromIndex > logSize) expect(decided).toBe('key.event_invalid');
        else {
          expect(decided).toEqual([id(1)]);
          accepted.push({ ...what, ...(!isPending && { logIndex: logSize }) });
          reach = Math.min(reach, fromIndex ?? logSize);
        }
        if (isPending && accepted.length === 1 && accepted[0]?.fromIndex === undefined) reach = logSize + 1;
      }
    }),
  );
});

test('a revoked key does not sign for its own further revocation', () => {
  const view = viewOf({ states: ['revoked', 'active', 'active'], threshold: 2 });
  const event = { keyid: id(0), reason: 'compromised', fromIndex: 1 } as const;
  const by = (...signers: readonly number[]) => decide(() => decideRevoke(view, event, signers.map(id), 10));
  expect(by(0)).toBe('key.revoked');
  expect(by(0, 1)).toBe('key.threshold');
  expect(by(0, 1, 2)).toEqual([id(1), id(2)]);
  expect(decide(() => decideRevoke(view, { ...event, recovery: true }, [id(0), id(1)], 10))).toEqual([id(1)]);
});

test('a policy replaces none when there is none', () => {
  const view = { ...viewOf({ states: ['active'], threshold: 1 }), policyIndex: undefined };
  expect(decide(() => decidePolicy(view, { threshold: 1, replaces: 0 }, [id(0)]))).toBe('policy.invalid');
  expect(decide(() => decidePolicy(view, { threshold: 1 }, [id(0)]))).toEqual([id(0)]);
});
