import type { Version, WorkflowName } from '@sheaf/workflow';
import type { MemberReader } from '../../encoding/members.js';
import { nameMember, versionMember } from '../../statement/identity.js';
import type { LeafBase } from './base.js';

/** A channel points at a version from here on, by hand. */
export interface ChannelSetLeaf extends LeafBase {
  readonly type: 'channel.set';
  readonly name: WorkflowName;
  /** 1 to 64 of `a-z`, `0-9` and `-`, beginning with a letter and not ending in `-`. */
  readonly channel: string;
  readonly version: Version;
}

/** A channel is not set by hand any more. */
export interface ChannelRemoveLeaf extends LeafBase {
  readonly type: 'channel.remove';
  readonly name: WorkflowName;
  readonly channel: string;
}

const CHANNEL = /^[a-z](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

export function readChannelSet(base: LeafBase, members: MemberReader): ChannelSetLeaf {
  return {
    ...base,
    type: 'channel.set',
    name: nameMember(members, 'name'),
    channel: members.string('channel', CHANNEL),
    version: versionMember(members, 'version'),
  };
}

export function readChannelRemove(base: LeafBase, members: MemberReader): ChannelRemoveLeaf {
  return {
    ...base,
    type: 'channel.remove',
    name: nameMember(members, 'name'),
    channel: members.string('channel', CHANNEL),
  };
}
