import { BundleError } from '../error.js';
import type { KeyId } from '../keys/types.js';
import type { KeyEphemeralLeaf } from '../log/leaf/ephemeral.js';
import type { KeyAddLeaf, KeyRevokeLeaf } from '../log/leaf/key.js';
import type { NamespacePolicyLeaf } from '../log/leaf/namespace.js';
import type { PublishLeaf } from '../log/leaf/publish.js';
import { checkEphemeralGrant, checkOneEphemeral, type EphemeralGrant } from './ephemeral.js';
import { canRevokeFurther, revocationReach } from './revocation.js';

/** A leaf that changes who may sign for a namespace. */
export type KeyLeaf = KeyAddLeaf | KeyRevokeLeaf | NamespacePolicyLeaf;

/** Where a key was added, and how it was revoked. */
export interface KeyStanding {
  readonly addedAt: number;
  readonly revoked?: {
    /** Log index of the first revocation: it signs nothing from there on. */
    readonly at: number;
    /** From this log index on its publishes are refused, by the strictest revocation. */
    readonly reach: number;
    /** How often it was revoked. */
    readonly count: number;
  };
}

/** Where an ephemeral key was logged, and what it may sign. */
export interface EphemeralStanding extends EphemeralGrant {
  readonly addedAt: number;
}

/** Who may sign for a namespace at some place in the log. {@link admitKeyLeaf} changes it. */
export interface Authority {
  /** Every key that was ever added. */
  readonly keys: Map<KeyId, KeyStanding>;
  /** Ephemeral keys whose time is not over: those of before can sign nothing that is yet to come. */
  readonly ephemeral: Map<KeyId, EphemeralStanding>;
  /** How many keys are not revoked. */
  active: number;
  /** How many keys must sign; 1 without a policy. */
  threshold: number;
  /** Log index of the policy in force. */
  policyIndex: number | undefined;
}

/** Nobody may sign yet. */
export function createAuthority(): Authority {
  return { keys: new Map(), ephemeral: new Map(), active: 0, threshold: 1, policyIndex: undefined };
}

/** Whether a leaf changes who may sign for a namespace. */
export function isKeyLeaf(leaf: { readonly type: string }): leaf is KeyLeaf {
  return leaf.type === 'key.add' || leaf.type === 'key.revoke' || leaf.type === 'ns.policy';
}

/**
 * Goes one key event further, when the keys before it allow it. Events must come in the order of the log.
 *
 * @throws BundleError `key.unauthorised`; the authority is then as it was
 */
export function admitKeyLeaf(authority: Authority, index: number, leaf: KeyLeaf): void {
  switch (leaf.type) {
    case 'key.add':
      checkAdd(authority, index, leaf);
      authority.keys.set(leaf.keyid, { addedAt: index });
      authority.active++;
      return;
    case 'key.revoke': {
      const { addedAt, revoked } = checkRevoke(authority, index, leaf);
      const reach = revocationReach({ index, fromIndex: leaf.fromIndex });
      authority.keys.set(leaf.keyid, {
        addedAt,
        revoked: { at: revoked?.at ?? index, reach, count: (revoked?.count ?? 0) + 1 },
      });
      if (revoked === undefined) authority.active--;
      return;
    }
    case 'ns.policy':
      checkPolicy(authority, index, leaf);
      authority.threshold = leaf.threshold;
      authority.policyIndex = index;
  }
}

/**
 * Takes note of an ephemeral key, which may sign publishes and nothing else, and forgets those whose time is over.
 *
 * @throws BundleError `key.unauthorised` for a key that was added before
 */
export function admitEphemeralLeaf(authority: Authority, index: number, leaf: KeyEphemeralLeaf): void {
  for (const [keyid, { exp }] of authority.ephemeral) if (exp < leaf.t) authority.ephemeral.delete(keyid);
  if (authority.keys.has(leaf.keyid) || authority.ephemeral.has(leaf.keyid)) {
    refuse(index, `adds ${show(leaf.keyid)} a second time`);
  }
  const { keyid, t, exp, name } = leaf;
  authority.ephemeral.set(keyid, { addedAt: index, keyid, t, exp, ...(name === undefined ? {} : { name }) });
}

/**
 * Holds a publish against who may sign at its place in the log: every key active, authorised by the leaf that added it,
 * and as many of them as the policy in force asks for. One of them may be ephemeral.
 *
 * @throws BundleError `key.unauthorised`, `key.expired`, `key.revoked`, or `signature.threshold`
 */
export function checkPublishAuthority(authority: Authority, index: number, leaf: PublishLeaf): void {
  let ephemeral = 0;
  for (const [i, keyid] of leaf.keyids.entries()) {
    const granted = authority.ephemeral.get(keyid);
    if (granted !== undefined && granted.addedAt === leaf.auth[i]) {
      checkEphemeralGrant(leaf, granted);
      ephemeral++;
      continue;
    }
    const key = authority.keys.get(keyid);
    if (key === undefined || key.addedAt !== leaf.auth[i]) {
      refuse(index, `is signed by ${show(keyid)}, which no leaf that it names has added`);
    }
    if (key.revoked !== undefined) {
      throw new BundleError(
        'key.revoked',
        `the leaf at log index ${index} is signed by ${show(keyid)}, which was revoked at ${key.revoked.at}`,
      );
    }
  }
  checkOneEphemeral(ephemeral);
  if (leaf.keyids.length < authority.threshold) {
    throw new BundleError(
      'signature.threshold',
      `the leaf at log index ${index} is signed by ${leaf.keyids.length} of ${authority.threshold} keys`,
    );
  }
}

function checkAdd(authority: Authority, index: number, leaf: KeyAddLeaf): void {
  if (authority.keys.has(leaf.keyid)) refuse(index, `adds ${show(leaf.keyid)} a second time`);
  if (!leaf.by.includes(leaf.keyid)) refuse(index, `adds ${show(leaf.keyid)}, which did not sign for it`);
  const vouching = leaf.by.filter((keyid) => keyid !== leaf.keyid);
  checkActive(authority, index, vouching);
  if (authority.keys.size > 0 && leaf.recovery !== true) checkEnough(index, vouching, authority.threshold);
}

function checkRevoke(authority: Authority, index: number, leaf: KeyRevokeLeaf) {
  const key = authority.keys.get(leaf.keyid);
  if (key === undefined) refuse(index, `revokes ${show(leaf.keyid)}, which was never added`);
  if (key.revoked !== undefined && !canRevokeFurther(key.revoked, leaf.fromIndex)) {
    refuse(
      index,
      `revokes ${show(leaf.keyid)} again, without refusing more than it was from ${key.revoked.reach} on`,
    );
  }
  if (leaf.fromIndex !== undefined && leaf.fromIndex > index) {
    refuse(index, `revokes ${show(leaf.keyid)} from index ${leaf.fromIndex}, which is yet to come`);
  }
  checkActive(authority, index, leaf.by);
  if (leaf.recovery !== true && !leaf.by.includes(leaf.keyid)) {
    checkEnough(index, leaf.by, authority.threshold);
  }
  return key;
}

function checkPolicy(authority: Authority, index: number, leaf: NamespacePolicyLeaf): void {
  if (leaf.replaces !== authority.policyIndex) refuse(index, 'does not replace the policy in force');
  if (leaf.threshold > authority.active) {
    refuse(index, `asks for ${leaf.threshold} keys, and ${authority.active} are active`);
  }
  checkActive(authority, index, leaf.by);
  checkEnough(index, leaf.by, Math.max(authority.threshold, leaf.threshold));
}

function checkActive(authority: Authority, index: number, by: readonly KeyId[]): void {
  for (const keyid of by) {
    const key = authority.keys.get(keyid);
    if (key === undefined || key.revoked !== undefined) {
      refuse(index, `is signed by ${show(keyid)}, which is not active`);
    }
  }
}

function checkEnough(index: number, by: readonly KeyId[], threshold: number): void {
  if (by.length < threshold) refuse(index, `is signed by ${by.length} of ${threshold} keys`);
}

function refuse(index: number, problem: string): never {
  throw new BundleError('key.unauthorised', `the leaf at log index ${index} ${problem}`, {
    hint: 'do not trust new releases of the namespace; its registry logged what its keys did not allow, or hides leaves',
  });
}

function show(keyid: KeyId): string {
  return `key ${keyid.slice(0, 16)}`;
}
