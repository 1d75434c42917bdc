import { describe, expect, test } from 'vitest';
import type { VersionState } from '@sheaf/client/contract';
import { TRANSITIONS, transitionOf, type StateChange } from './transitions.js';

const STATES: readonly VersionState[] = ['active', 'deprecated', 'yanked', 'quarantined'];
/** For each state in the order above: c changes, s is the same already, - is a conflict. */
const TABLE: Readonly<Record<StateChange, string>> = {
  deprecate: 'c s c -',
  undeprecate: 's c - -',
  yank: 'c c s -',
  unyank: 's - c -',
  quarantine: 'c c c s',
  unquarantine: 's - - c',
};
const ANSWER = { change: 'c', same: 's', conflict: '-' } as const;

describe('a change of the state of a release', () => {
  for (const [change, row] of Object.entries(TABLE) as [StateChange, string][]) {
    test(`${change} goes where the table says`, () => {
      const said = change.startsWith('un') ? null : 'broken';
      const got = STATES.map((state) => {
        const reason = state === 'active' ? null : 'broken';
        const wanted = { reason: said, replacement: null };
        return ANSWER[transitionOf(change, { state, reason, replacement: null }, wanted)];
      });
      expect(got.join(' ')).toBe(row);
    });
  }

  test('is not the same with another reason or replacement', () => {
    const current = { state: 'yanked', reason: 'broken', replacement: null } as const;
    expect(transitionOf('yank', current, { reason: 'leaks', replacement: null })).toBe('change');
    expect(transitionOf('yank', current, { reason: 'broken', replacement: 'a/b' })).toBe('change');
  });

  test('leads out of quarantine by an admin only', () => {
    const out = Object.values(TRANSITIONS).filter((t) => t.from.includes('quarantined'));
    expect(new Set(out.map((t) => t.action))).toEqual(new Set(['release.quarantine']));
  });
});
