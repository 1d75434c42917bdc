import type { KeyId, SigningKey } from '@sheaf/bundle';
import { ClientError } from '../errors.js';
import type { RegistryClient } from '../registry-client.js';
import { keyAddEvent, signKeyEvent } from './events.js';
import { fetchKeyHistory, type KeyHistoryRequest, type VerifiedKeyHistory } from './history.js';
import { countSignatures, type SignatureCount } from './needs.js';
import { revokeKey, submitKeyEvent } from './register.js';

/** What a rotation did; `kept` when an earlier try had done it already. */
export interface RotatedKey {
  readonly added: 'now' | 'kept';
  readonly revoked: 'now' | 'kept';
  /** The history after both, verified. */
  readonly history: VerifiedKeyHistory;
}

/** Which key of a namespace takes the place of which. */
export interface RotateRequest extends KeyHistoryRequest {
  readonly client: KeyHistoryRequest['client'] & Pick<RegistryClient, 'registerKeyEvent'>;
  /** The registry's, as pinned. */
  readonly origin: string;
  readonly from: SigningKey;
  readonly to: SigningKey;
  /** More active keys, for a namespace that asks for several. */
  readonly endorsers?: readonly SigningKey[] | undefined;
  /** Asked once before anything is changed, and not where all is done already; what it throws ends the rotation. */
  readonly beforeChange?: (() => Promise<void>) | undefined;
  /** Told each step as it ends; it must not block. */
  readonly onStep?: ((step: 'added' | 'revoked') => void) | undefined;
}

/**
 * Puts a new key in the place of an old one: adds the new one, endorsed by the old, waits until the log proves it, and
 * only then revokes the old one as superseded. Each step looks first whether it is done, so a rotation that was cut
 * short is finished by repeating it.
 *
 * @throws ClientError `key.threshold` when more keys must endorse the new one; `key.revoked` when the new key was revoked, or the old one before the new one was added;
 * `key.unauthorised` when the old key is none of the namespace; as {@link fetchKeyHistory} and the registry's problems
 */
export async function rotateKey(request: RotateRequest): Promise<RotatedKey> {
  const { client, origin, namespace, from, to, endorsers = [], signal } = request;
  const target = { client, origin, namespace, signal };
  const before = await fetchKeyHistory(request);
  const added = stateOf(before, to.publicKey.id) === 'absent' ? 'now' : 'kept';
  assertRotatable(before, from.publicKey.id, to.publicKey.id);
  if (added === 'now') {
    const event = keyAddEvent({ registry: origin, namespace }, to.publicKey);
    const envelope = signKeyEvent(event, [to, from, ...endorsers]);
    assertComplete(countSignatures(envelope, event, before));
    await request.beforeChange?.();
    await submitKeyEvent(target, envelope);
    request.onStep?.('added');
  }
  const between = added === 'now' ? await fetchKeyHistory(request) : before;
  if (stateOf(between, to.publicKey.id) !== 'active') {
    throw new ClientError(
      'log.unproven',
      'the log does not show the new key yet; the old one was left as it is',
      {
        hint: 'run the same command again',
      },
    );
  }
  const revoked = stateOf(between, from.publicKey.id) === 'active' ? 'now' : 'kept';
  if (revoked === 'kept') return { added, revoked, history: between };
  if (added === 'kept') await request.beforeChange?.();
  await revokeKey({
    ...target,
    keyid: from.publicKey.id,
    revocation: { reason: 'superseded' },
    signers: [from],
  });
  request.onStep?.('revoked');
  return { added, revoked, history: await fetchKeyHistory(request) };
}

function assertComplete({ by, needed, isComplete }: SignatureCount): void {
  if (isComplete) return;
  throw new ClientError(
    'key.threshold',
    `the new key is endorsed by ${by.length} of the ${needed} keys that the namespace asks for`,
    { hint: 'name more active keys that endorse it: --endorse NAME' },
  );
}

type KeyState = 'absent' | 'active' | 'revoked';

function stateOf(history: VerifiedKeyHistory, id: KeyId): KeyState {
  const record = history.keys.find(({ keyid }) => keyid === id);
  if (record === undefined) return 'absent';
  return record.revoked === undefined ? 'active' : 'revoked';
}

function assertRotatable(history: VerifiedKeyHistory, from: KeyId, to: KeyId): void {
  if (from === to) {
    throw new ClientError('key.exists', 'a key cannot take its own place', {
      hint: 'make another: sheaf key generate --name NAME',
    });
  }
  const [old, next] = [stateOf(history, from), stateOf(history, to)];
  if (next === 'revoked') {
    throw new ClientError('key.revoked', 'the new key was revoked, and a revoked key is never added again', {
      hint: 'make another: sheaf key generate --name NAME',
    });
  }
  if (old === 'absent') {
    throw new ClientError('key.unauthorised', 'the old key is not registered for the namespace', {
      hint: 'sheaf key list --namespace NS shows the keys that are',
    });
  }
  if (old === 'revoked' && next === 'absent') {
    throw new ClientError('key.revoked', 'the old key was revoked, and cannot endorse the new one', {
      hint: 'endorse it with another active key, or register it with --recover',
    });
  }
}
