import {
  BundleError,
  PAYLOAD_TYPE_KEY_EVENT,
  encodeEnvelope,
  parseEnvelope,
  parseKeyEvent,
  publicKeyFromSpki,
  sha256Hex,
  verifyEnvelope,
  type Envelope,
  type KeyEvent,
  type KeyId,
  type PublicKey,
} from '@sheaf/bundle';
import { RegistryError } from '../error.js';

/** A key event as it came: what it says is a claim until {@link signersOf} has returned. */
export interface SignedEvent<E extends KeyEvent = KeyEvent> {
  readonly event: E;
  readonly envelope: Envelope;
  /** The envelope's canonical JSON, as it is kept. */
  readonly bytes: Buffer;
  /** Hexadecimal SHA-256 of `bytes`, as the leaf names it. */
  readonly digest: string;
}

/** @throws RegistryError `key.event_invalid` */
export function readSignedEvent(json: Buffer): SignedEvent {
  return translate(() => {
    const envelope = parseEnvelope(json);
    const bytes = Buffer.from(encodeEnvelope(envelope));
    return {
      event: parseKeyEvent(Buffer.from(envelope.payload, 'base64')),
      envelope,
      bytes,
      digest: sha256Hex(bytes),
    };
  });
}

/** The key that an event adds; none for an event of another kind. @throws RegistryError `key.event_invalid` */
export function addedKey(event: KeyEvent): PublicKey | undefined {
  return event.type === 'key.add' ? translate(() => publicKeyFromSpki(event.publicKey)) : undefined;
}

/**
 * Those of the known keys that signed the event, each once, in the order of the envelope. Signatures by others count for
 * nothing; one that says it is by a known key and is not makes the whole event invalid. The key that an event adds must
 * have signed it, which proves possession.
 *
 * @throws RegistryError `key.event_invalid`, `key.unauthorised` when no known key is named
 */
export function signersOf(signed: SignedEvent, known: readonly PublicKey[]): readonly KeyId[] {
  const { event, envelope } = signed;
  const added = addedKey(event);
  const named = new Set(envelope.signatures.map((s) => s.keyid));
  const candidates = new Map(known.filter((key) => named.has(key.id)).map((key) => [key.id, key]));
  if (added) candidates.set(added.id, added);
  if (candidates.size === 0) {
    throw new RegistryError(
      'key.unauthorised',
      `no signature is by a key that is registered for ${event.namespace}`,
    );
  }
  return translate(() =>
    verifyEnvelope(envelope, PAYLOAD_TYPE_KEY_EVENT, [...candidates.values()], candidates.size).signers.map(
      (key) => key.id,
    ),
  );
}

function translate<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof BundleError)) throw cause;
    throw new RegistryError('key.event_invalid', cause.message, { cause });
  }
}
