import { remarksAfter } from '@sheaf/bundle';
import type { VersionState } from '@sheaf/client/contract';
import type { Action } from '../access/authorization.js';
import type { QueuedLeaf } from '../log/leaves.js';

/** What may be done to the state of a release; also the type of the leaf that records it. */
export type StateChange = 'deprecate' | 'undeprecate' | 'yank' | 'unyank' | 'quarantine' | 'unquarantine';

interface Transition {
  readonly from: readonly VersionState[];
  readonly to: VersionState;
  readonly action: Action;
}

const OPEN = ['active', 'deprecated', 'yanked'] as const;

/** From which states each change leads where, and who may make it. */
export const TRANSITIONS: Readonly<Record<StateChange, Transition>> = {
  deprecate: { from: OPEN, to: 'deprecated', action: 'release.deprecate' },
  undeprecate: { from: ['deprecated'], to: 'active', action: 'release.deprecate' },
  yank: { from: OPEN, to: 'yanked', action: 'release.yank' },
  unyank: { from: ['yanked'], to: 'active', action: 'release.yank' },
  quarantine: { from: [...OPEN, 'quarantined'], to: 'quarantined', action: 'release.quarantine' },
  unquarantine: { from: ['quarantined'], to: 'active', action: 'release.quarantine' },
};

/** The state of a release, with what was said about it. */
export interface StatedRelease {
  readonly state: VersionState;
  readonly reason: string | null;
  readonly replacement: string | null;
}

/** What a change does to a release: it goes there, it is there already, or it may not. */
export function transitionOf(
  change: StateChange,
  current: StatedRelease,
  wanted: Omit<StatedRelease, 'state'>,
): 'change' | 'same' | 'conflict' {
  const { from, to } = TRANSITIONS[change];
  const isSame =
    current.state === to && current.reason === wanted.reason && current.replacement === wanted.replacement;
  if (isSame) return 'same';
  return from.includes(current.state) ? 'change' : 'conflict';
}

/** A release after the changes that wait for their place, and which of these may be made, each after those before it. */
export interface ForeseenRelease {
  readonly release: StatedRelease;
  readonly allowed: readonly boolean[];
}

/**
 * Makes changes in turn, in the order of the queue. One that the state before it does not allow changes nothing: the log
 * does not take it.
 */
export function foresee(current: StatedRelease, leaves: readonly QueuedLeaf[]): ForeseenRelease {
  let release = current;
  const allowed = leaves.map((leaf) => {
    const { change, after } = changeOf(leaf);
    if (!TRANSITIONS[change].from.includes(release.state)) return false;
    release = after;
    return true;
  });
  return { release, allowed };
}

/** What a leaf does to the state of its release. */
export function changeOf(leaf: QueuedLeaf): { readonly change: StateChange; readonly after: StatedRelease } {
  if (!isStateChange(leaf)) throw new Error(`a ${leaf.type} leaf changes no state`);
  const { reason = null, replacement = null } = remarksAfter(leaf);
  return { change: leaf.type, after: { state: TRANSITIONS[leaf.type].to, reason, replacement } };
}

function isStateChange(leaf: QueuedLeaf): leaf is Extract<QueuedLeaf, { type: StateChange }> {
  return Object.hasOwn(TRANSITIONS, leaf.type);
}
