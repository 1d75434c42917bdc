import type { Version, WorkflowName } from '@sheaf/workflow';
import type { MemberReader } from '../../encoding/members.js';
import { nameMember, versionMember } from '../../statement/identity.js';
import type { LeafBase } from './base.js';

interface ReleaseStateLeaf<T extends string> extends LeafBase {
  readonly type: T;
  readonly name: WorkflowName;
  readonly version: Version;
}

interface ReasonedStateLeaf<T extends string> extends ReleaseStateLeaf<T> {
  /** 1 to 500 characters, none of them a control or format character. */
  readonly reason: string;
  /** What to use instead, at most 256 printable characters. */
  readonly replacement?: string;
}

/** A state is taken back. */
interface TakenBackLeaf<T extends string> extends ReleaseStateLeaf<T> {
  /** 1 to 500 characters, none of them a control or format character. */
  readonly reason?: string;
}

/** A version is advised against. */
export type DeprecateLeaf = ReasonedStateLeaf<'deprecate'>;
export type UndeprecateLeaf = TakenBackLeaf<'undeprecate'>;
/** A version is taken out of search and ranges. */
export type YankLeaf = ReasonedStateLeaf<'yank'>;
export type UnyankLeaf = TakenBackLeaf<'unyank'>;
/** A version is withheld by the registry's administrators. */
export type QuarantineLeaf = ReasonedStateLeaf<'quarantine'>;
export type UnquarantineLeaf = TakenBackLeaf<'unquarantine'>;

/** What changes the state of a release: the newest of them decides it. */
export type StateLeaf =
  DeprecateLeaf | UndeprecateLeaf | YankLeaf | UnyankLeaf | QuarantineLeaf | UnquarantineLeaf;

// What people read: no control, format (which covers direction and zero width), separator or surrogate character.
// Not made before it is needed: of each of these properties a table is made then.
const text = (): RegExp => /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;
const REPLACEMENT = /^[\x21-\x7e]+$/;

function readState<T extends string>(type: T) {
  return (base: LeafBase, members: MemberReader): ReleaseStateLeaf<T> => ({
    ...base,
    type,
    name: nameMember(members, 'name'),
    version: versionMember(members, 'version'),
  });
}

/** Reads a leaf that names a release and may say why. */
export function readTakenBack<T extends string>(type: T) {
  return (base: LeafBase, members: MemberReader): TakenBackLeaf<T> => {
    const reason = members.optionalString('reason', text(), 500);
    return { ...readState(type)(base, members), ...(reason === undefined ? {} : { reason }) };
  };
}

/** Reads a leaf that names a release and says why. */
export function readReasonedState<T extends string>(type: T) {
  return (base: LeafBase, members: MemberReader): ReasonedStateLeaf<T> => {
    const reason = members.string('reason', text(), 500);
    const replacement = members.optionalString('replacement', REPLACEMENT, 256);
    return {
      ...readState(type)(base, members),
      reason,
      ...(replacement === undefined ? {} : { replacement }),
    };
  };
}
