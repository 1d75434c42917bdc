import {
  type Namespace,
  parseNamespace,
  parseVersion,
  parseWorkflowName,
  type Version,
  type WorkflowName,
} from '@sheaf/workflow';
import type { MemberReader } from '../encoding/members.js';
import type { KeyId } from '../keys/types.js';

/** A registry's origin as it stands in signed bytes: a host, and a port when it is not the usual one. */
export const REGISTRY =
  /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::[1-9][0-9]{0,4})?$/;
/** 64 hexadecimal digits. */
export const SHA256_HEX = /^[0-9a-f]{64}$/;

function parseMember<T>(members: MemberReader, name: string, parse: (text: string) => T): T {
  const text = members.string(name, undefined, 64);
  try {
    return parse(text);
  } catch {
    return members.fail(name, 'is not valid');
  }
}

export function namespaceMember(members: MemberReader, name: string): Namespace {
  return parseMember(members, name, parseNamespace);
}

export function nameMember(members: MemberReader, name: string): WorkflowName {
  return parseMember(members, name, parseWorkflowName);
}

export function versionMember(members: MemberReader, name: string): Version {
  return parseMember(members, name, parseVersion);
}

export function keyIdMember(members: MemberReader, name: string): KeyId {
  return members.string(name, SHA256_HEX) as KeyId;
}
