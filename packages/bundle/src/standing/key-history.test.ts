import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../encoding/base64.js';
import { spkiOf } from '../keys/public-key.js';
import { signingKeyFromSeed } from '../keys/signing-key.js';
import { codeOf } from '../testing/codes.js';
import { createWorldLog, WORLD_NAMESPACE, type WorldLog } from '../testing/world-log.js';
import { checkPublishAuthority, createAuthority, admitKeyLeaf, isKeyLeaf } from './authority.js';
import { foldKeyHistory } from './key-history.js';
import { parseLeaf } from '../log/leaf.js';

const [A, B, C, D] = [1, 2, 3, 4].map((seed) => signingKeyFromSeed(new Uint8Array(32).fill(seed))) as [
  ReturnType<typeof signingKeyFromSeed>,
  ReturnType<typeof signingKeyFromSeed>,
  ReturnType<typeof signingKeyFromSeed>,
  ReturnType<typeof signingKeyFromSeed>,
];

function fold(log: WorldLog, from = 0) {
  const events = log.leaves.map((leaf, index) => ({ index, leaf })).slice(from);
  return foldKeyHistory(events, WORLD_NAMESPACE);
}

/** A log with the keys A and B, both active. */
function twoKeys(): WorldLog {
  const log = createWorldLog();
  log.addKey(A);
  log.addKey(B, [A]);
  return log;
}

describe('foldKeyHistory', () => {
  it('tells who may sign, since when, vouched for by whom, and until when', () => {
    const log = twoKeys();
    const policy = log.setPolicy(2, [A, B]);
    log.revokeKey(A, [A], 1);
    log.addKey(C, [], true);
    expect(fold(log)).toEqual({
      keys: [
        {
          keyid: A.publicKey.id,
          publicKey: A.publicKey,
          addedAt: 0,
          by: [A.publicKey.id],
          recovery: false,
          isFirst: true,
          revoked: { index: 3, reason: 'compromised', fromIndex: 1 },
        },
        {
          keyid: B.publicKey.id,
          publicKey: B.publicKey,
          addedAt: 1,
          by: [B.publicKey.id, A.publicKey.id],
          recovery: false,
          isFirst: false,
        },
        {
          keyid: C.publicKey.id,
          publicKey: C.publicKey,
          addedAt: 4,
          by: [C.publicKey.id],
          recovery: true,
          isFirst: false,
        },
      ],
      threshold: 2,
      policyIndex: policy,
    });
    expect(foldKeyHistory([], WORLD_NAMESPACE)).toEqual({ keys: [], threshold: 1 });
  });

  it('gives one answer in any order, and shows a hole', () => {
    const log = twoKeys();
    log.revokeKey(A, [B]);
    const events = log.leaves.map((leaf, index) => ({ index, leaf }));
    expect(foldKeyHistory([...events, ...events].reverse(), WORLD_NAMESPACE)).toEqual(fold(log));
    expect(codeOf(() => fold(log, 1))).toBe('key.unauthorised');
    const [first, , last] = events;
    if (first === undefined || last === undefined) throw new Error('three events');
    expect(codeOf(() => foldKeyHistory([first, last], WORLD_NAMESPACE))).toBe('key.unauthorised');
  });

  it('tells of several revocations the newest, which refuses the most', () => {
    const log = twoKeys();
    log.revokeKey(B, [B]);
    log.revokeKey(B, [A], 1);
    expect(fold(log).keys[1]?.revoked).toEqual({ index: 3, reason: 'compromised', fromIndex: 1 });
  });

  it('refuses a key that did not sign for itself', () => {
    const log = twoKeys();
    log.append({
      type: 'key.add',
      keyid: C.publicKey.id,
      key: encodeBase64(spkiOf(C.publicKey)),
      by: [A.publicKey.id],
      event: 'e'.repeat(64),
    });
    expect(codeOf(() => fold(log))).toBe('key.unauthorised');
  });

  it('refuses leaves that are not about the keys of the namespace', () => {
    const log = twoKeys();
    log.append({ type: 'ns.create' });
    expect(codeOf(() => fold(log))).toBe('leaf.mismatch');
  });

  it.each<readonly [string, (log: WorldLog) => void]>([
    ['a key that nobody vouched for', (log) => log.addKey(C)],
    ['a key that a stranger vouched for', (log) => log.addKey(C, [D])],
    ['a recovery that a stranger signed too', (log) => log.addKey(C, [D], true)],
    ['a key a second time', (log) => log.addKey(B, [A])],
    [
      'a revoked key again',
      (log) => {
        log.revokeKey(B, [A]);
        log.addKey(B, [A]);
      },
    ],
    [
      'a revoked key again by recovery',
      (log) => {
        log.revokeKey(B, [A]);
        log.addKey(B, [], true);
      },
    ],
    [
      'a key that a revoked key vouched for',
      (log) => {
        log.revokeKey(A, [A]);
        log.addKey(C, [A]);
      },
    ],
    [
      'a key vouched for by fewer than the policy asks',
      (log) => {
        log.setPolicy(2, [A, B]);
        log.addKey(C, [A]);
      },
    ],
    ['a revocation by a stranger', (log) => log.revokeKey(A, [C])],
    ['a revocation by recovery that a stranger signed', (log) => log.revokeKey(A, [C], undefined, true)],
    ['a revocation of a key that is none', (log) => log.revokeKey(C, [A])],
    [
      'a revocation of a revoked key',
      (log) => {
        log.revokeKey(B, [A]);
        log.revokeKey(B, [A]);
      },
    ],
    [
      'a revocation by fewer than the policy asks',
      (log) => {
        log.setPolicy(2, [A, B]);
        log.addKey(C, [A, B]);
        log.revokeKey(C, [A]);
      },
    ],
    [
      'a further revocation that refuses no more',
      (log) => {
        log.revokeKey(B, [A]);
        log.revokeKey(B, [A], 2);
      },
    ],
    [
      'a further revocation that gives something back',
      (log) => {
        log.revokeKey(B, [A], 1);
        log.revokeKey(B, [A], 2);
      },
    ],
    [
      'a further revocation by the key itself',
      (log) => {
        log.revokeKey(B, [B]);
        log.revokeKey(B, [B], 1);
      },
    ],
    [
      'a further revocation by fewer than the policy asks',
      (log) => {
        log.addKey(C, [A]);
        log.setPolicy(2, [A, B]);
        log.revokeKey(C, [C]);
        log.revokeKey(C, [A], 1);
      },
    ],
    [
      'a fourth revocation',
      (log) => {
        log.revokeKey(B, [A]);
        for (const from of [2, 1, 0]) log.revokeKey(B, [A], from);
      },
    ],
    ['a revocation from an index that is yet to come', (log) => log.revokeKey(B, [A], 3)],
    ['a policy of more keys than there are', (log) => log.setPolicy(3, [A, B])],
    ['a policy of more keys than signed it', (log) => log.setPolicy(2, [A])],
    ['a policy that a stranger signed', (log) => log.setPolicy(1, [C])],
    [
      'a policy that replaces none though there is one',
      (log) => {
        log.setPolicy(1, [A]);
        log.setPolicy(2, [A, B]);
      },
    ],
    ['a policy that replaces one that is not there', (log) => log.setPolicy(1, [A], 0)],
    [
      'a relaxed policy that too few signed',
      (log) => {
        log.setPolicy(2, [A, B]);
        log.setPolicy(1, [A], 2);
      },
    ],
  ])('refuses %s', (_, act) => {
    const log = twoKeys();
    act(log);
    expect(codeOf(() => fold(log))).toBe('key.unauthorised');
  });

  it.each<readonly [string, (log: WorldLog) => void]>([
    [
      'a key revoked by itself though the policy asks for two',
      (log) => {
        log.setPolicy(2, [A, B]);
        log.revokeKey(A, [A]);
      },
    ],
    [
      'the last key revoked, and a recovery',
      (log) => {
        log.revokeKey(A, [A]);
        log.revokeKey(B, [B]);
        log.addKey(C, [], true);
      },
    ],
    [
      'a recovery that revokes alone',
      (log) => {
        log.setPolicy(2, [A, B]);
        log.addKey(C, [], true);
        log.revokeKey(A, [C], 0, true);
      },
    ],
    [
      'two further revocations, each from an earlier index, the last by recovery',
      (log) => {
        log.setPolicy(2, [A, B]);
        log.addKey(C, [A, B]);
        log.revokeKey(C, [C]);
        log.revokeKey(C, [A, B], 2);
        log.revokeKey(C, [B], 1, true);
      },
    ],
    ['a revocation from the index where it stands', (log) => log.revokeKey(B, [A], 2)],
    [
      'policies one after the other',
      (log) => {
        const p = log.setPolicy(2, [A, B]);
        log.setPolicy(1, [A, B], p);
      },
    ],
  ])('allows %s', (_, act) => {
    const log = twoKeys();
    act(log);
    expect(codeOf(() => fold(log))).toBe('nothing');
  });

  it('never lets keys that were not vouched for or recovered in, whatever is tried', () => {
    const keys = [A, B, C, D];
    const who = fc.integer({ min: 0, max: 3 });
    const step = fc.record({
      kind: fc.constantFrom('add', 'revoke', 'policy'),
      key: who,
      by: fc.uniqueArray(who, { minLength: 1, maxLength: 3 }),
      threshold: fc.integer({ min: 1, max: 3 }),
      from: fc.option(fc.nat({ max: 25 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const log = createWorldLog();
        const authority = createAuthority();
        const active = new Set<number>();
        const reaches = new Map<number, number[]>();
        let everAdded = 0;
        for (const { kind, key, by, threshold, from } of steps) {
          const signers = by.flatMap((i) => keys[i] ?? []);
          const subject = keys[key] ?? A;
          const enough = by.every((i) => active.has(i)) && by.length >= authority.threshold;
          const index =
            kind === 'add'
              ? log.addKey(
                  subject,
                  signers.filter((signer) => signer !== subject),
                )
              : kind === 'revoke'
                ? log.revokeKey(subject, signers, from)
                : log.setPolicy(threshold, signers, authority.policyIndex);
          const leaf = parseLeaf(log.leaves[index] ?? new Uint8Array(0));
          if (!isKeyLeaf(leaf)) throw new Error('a key leaf');
          const refused =
            codeOf(() => {
              admitKeyLeaf(authority, index, leaf);
            }) !== 'nothing';
          if (!refused && kind === 'add') {
            const others = by.filter((i) => i !== key);
            expect(
              everAdded === 0
                ? others.length === 0
                : others.length >= 1 && others.every((i) => active.has(i)),
            ).toBe(true);
            expect(active.has(key)).toBe(false);
            active.add(key);
            everAdded++;
          } else if (!refused && kind === 'revoke') {
            const before = reaches.get(key) ?? [];
            const reach = Math.min(index, from ?? index);
            expect(by.every((i) => active.has(i)) && (by.includes(key) || enough)).toBe(true);
            expect(before.length === 0 ? active.has(key) : before.every((r) => reach < r)).toBe(true);
            reaches.set(key, [...before, reach]);
            expect(reaches.get(key)?.length).toBeLessThanOrEqual(3);
            active.delete(key);
          } else if (!refused) {
            expect(enough && by.length >= threshold && threshold <= active.size).toBe(true);
          }
          expect(authority.active).toBe(active.size);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('checkPublishAuthority', () => {
  function check(act: (log: WorldLog) => number): string {
    const log = twoKeys();
    const index = act(log);
    const authority = createAuthority();
    for (const [at, bytes] of log.leaves.slice(0, index).entries()) {
      const leaf = parseLeaf(bytes);
      if (isKeyLeaf(leaf)) admitKeyLeaf(authority, at, leaf);
    }
    return codeOf(() => {
      checkPublishAuthority(authority, index, log.publishAt(index).leaf);
    });
  }

  it('allows active keys, each with the leaf that added it', () => {
    expect(check((log) => log.publish('1.0.0', [B, A], [1, 0]))).toBe('nothing');
  });

  it('refuses a key without its leaf, a revoked key, and too few keys', () => {
    expect(check((log) => log.publish('1.0.0', [A], [1]))).toBe('key.unauthorised');
    expect(check((log) => log.publish('1.0.0', [C], [0]))).toBe('key.unauthorised');
    expect(check((log) => (log.revokeKey(B, [B]), log.publish('1.0.0', [B], [1])))).toBe('key.revoked');
    expect(check((log) => (log.setPolicy(2, [A, B]), log.publish('1.0.0', [A], [0])))).toBe(
      'signature.threshold',
    );
  });
});
