import type { KeyEvent } from '@sheaf/bundle';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findLack, MAX_ACTIVE_KEYS } from './room.js';

const base = { registry: 'wf.example.com', namespace: 'acme' } as const;
const ADD = { type: 'key.add', ...base, publicKey: '' } as unknown as KeyEvent;
const RECOVER = { ...ADD, recovery: true } as KeyEvent;
const POLICY = { type: 'ns.policy', ...base, threshold: 1 } as unknown as KeyEvent;
const REVOKE = { type: 'key.revoke', ...base, keyid: '', reason: 'superseded' } as unknown as KeyEvent;

const NONE = { keys: 0, recoveries: 0, active: 0, furtherRevocations: 0, policies: 0 };

/** What a namespace has after asking for all of these, one after the other, and getting what there is room for. */
function fill(events: readonly (readonly [KeyEvent, boolean])[]) {
  let counts = NONE;
  for (const [event, isFresh] of events) {
    const next = { ...counts };
    if (event === ADD) next.keys += 1;
    else if (event === RECOVER) next.recoveries += 1;
    else if (event === POLICY) next.policies += 1;
    else next.furtherRevocations += 1;
    if (findLack({ event, isFresh }, next) === undefined) counts = next;
  }
  return counts;
}

const kind = fc.tuple(fc.constantFrom(ADD, RECOVER, POLICY, REVOKE), fc.boolean());

test('all events that a namespace may have fit into the document of its key history', () => {
  fc.assert(
    fc.property(fc.array(kind, { maxLength: 600 }), (events) => {
      const { keys, recoveries, furtherRevocations, policies } = fill(events);
      expect(2 * (keys + recoveries) + furtherRevocations + policies).toBeLessThanOrEqual(256);
    }),
  );
});

test('whoever uses up one kind of event leaves the room of the others', () => {
  for (const greedy of [ADD, POLICY, REVOKE]) {
    const used = fill(Array.from({ length: 300 }, () => [greedy, false] as const));
    const after = fill([...Array.from({ length: 300 }, () => [greedy, false] as const), [RECOVER, true]]);
    expect(after.recoveries).toBe(1);
    for (const [event, name] of [
      [ADD, 'keys'],
      [POLICY, 'policies'],
    ] as const) {
      if (event === greedy) continue;
      expect(findLack({ event, isFresh: false }, { ...used, [name]: 1 })).toBeUndefined();
    }
    // What an owner with fresh authentication revokes further has room of its own.
    const more = { ...used, furtherRevocations: used.furtherRevocations + 1 };
    expect(findLack({ event: REVOKE, isFresh: true }, more)).toBeUndefined();
  }
});

test('a key more than may be active is refused, unless it is a recovery', () => {
  const counts = { ...NONE, keys: 20, recoveries: 1, active: MAX_ACTIVE_KEYS + 1 };
  expect(findLack({ event: ADD, isFresh: true }, counts)).toMatch(/16 active keys/);
  expect(findLack({ event: RECOVER, isFresh: true }, counts)).toBeUndefined();
  expect(findLack({ event: ADD, isFresh: true }, { ...counts, active: MAX_ACTIVE_KEYS })).toBeUndefined();
});
