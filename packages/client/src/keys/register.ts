import type { Envelope, KeyId, SigningKey } from '@sheaf/bundle';
import type { Namespace } from '@sheaf/workflow';
import type { NamespaceDocument } from '../contract/index.js';
import type { RegistryClient } from '../registry-client.js';
import { keyAddEvent, keyRevokeEvent, policyEvent, signKeyEvent, type Revocation } from './events.js';

/** Where a key event goes. */
export interface KeyEventTarget {
  readonly client: Pick<RegistryClient, 'registerKeyEvent'>;
  /** The registry's, as pinned. */
  readonly origin: string;
  readonly namespace: Namespace;
  readonly signal?: AbortSignal | undefined;
}

/** `created` is false when it was so already. */
export interface KeyEventResult {
  readonly created: boolean;
  readonly namespace: NamespaceDocument;
}

/**
 * Registers a key: signed by itself, which proves possession, and by keys that are active in the namespace. The first
 * key of a namespace needs no other.
 *
 * @throws ClientError the registry's problems, `network.*`
 */
export function registerKey(
  target: KeyEventTarget & {
    readonly key: SigningKey;
    readonly endorsers?: readonly SigningKey[] | undefined;
    /** Fresh authentication stands in for the earlier keys; everybody who trusted those is told. */
    readonly recovery?: boolean | undefined;
  },
): Promise<KeyEventResult> {
  const { key, endorsers = [], recovery = false } = target;
  const event = keyAddEvent(placeOf(target), key.publicKey, { recovery });
  return submitKeyEvent(target, signKeyEvent(event, [key, ...endorsers]));
}

/** Registers the first key of a namespace: {@link registerKey} without endorsers. */
export function registerFirstKey(
  target: KeyEventTarget & { readonly key: SigningKey },
): Promise<KeyEventResult> {
  return registerKey(target);
}

/**
 * Revokes a key: signed by itself, or by as many active keys as the namespace's policy asks for.
 *
 * @throws ClientError the registry's problems, `network.*`
 */
export function revokeKey(
  target: KeyEventTarget & {
    readonly keyid: KeyId;
    readonly revocation: Revocation;
    readonly signers: readonly SigningKey[];
    readonly recovery?: boolean | undefined;
  },
): Promise<KeyEventResult> {
  const { keyid, revocation, signers, recovery = false } = target;
  const event = keyRevokeEvent(placeOf(target), keyid, revocation, { recovery });
  return submitKeyEvent(target, signKeyEvent(event, signers));
}

/**
 * Changes how many keys must sign, by as many active keys as the larger of both numbers.
 *
 * @throws ClientError the registry's problems, `network.*`
 */
export function changePolicy(
  target: KeyEventTarget & {
    readonly threshold: number;
    /** Log index of the policy in force, from the key history. */
    readonly replaces: number | undefined;
    readonly signers: readonly SigningKey[];
  },
): Promise<KeyEventResult> {
  const event = policyEvent(placeOf(target), target.threshold, target.replaces);
  return submitKeyEvent(target, signKeyEvent(event, target.signers));
}

/** Sends a signed key event, whoever signed it. */
export function submitKeyEvent(
  { client, signal }: Pick<KeyEventTarget, 'client' | 'signal'>,
  envelope: Envelope,
): Promise<KeyEventResult> {
  return client.registerKeyEvent(envelope, { signal });
}

function placeOf({ origin, namespace }: KeyEventTarget) {
  return { registry: origin, namespace };
}
