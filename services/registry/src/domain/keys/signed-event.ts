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

/** More than twice of what an event with 16 signatures needs; the key history of a namespace has room for so much of each. */
const MAX_ENVELOPE_BYTES = 8 << 10;

/** Reads an envelope of at most 8 KiB in canonical JSON. @throws RegistryError `key.event_invalid` */
export function readSignedEvent(json: Buffer): SignedEvent {
  return translate(() => {
    const envelope = parseEnvelope(json);
    const bytes = Buffer.from(encodeEnvelope(envelope));
    if (bytes.length > MAX_ENVELOPE_BYTES) {
      throw new RegistryError(
        'key.event_invalid',
        `the envelope has ${bytes.length} bytes, and may have ${MAX_ENVELOPE_BYTES}`,
      );
    }
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
 * Those of the known keys that signed the event, each once, in the order of the envelope. A signature counts for the key
 * that made it, whatever key it names; one by nobody known counts for nothing. The key that an event adds must have
 * signed it, which proves possession.
 *
 * @param known keys of the namespace: the active ones, and the revoked ones that the signatures name
 * @throws RegistryError `key.event_invalid`, `key.unauthorised` when none of them signed and none is named
 */
export function signersOf(signed: SignedEvent, known: readonly PublicKey[]): readonly KeyId[] {
  const { event, envelope } = signed;
  const added = addedKey(event);
  const candidates = new Map([...known, ...(added ? [added] : [])].map((key) => [key.id, key]));
  const by = findSigners(envelope, [...candidates.values()]);
  if (added && !by.includes(added.id)) {
    throw new RegistryError('key.event_invalid', 'the new key has not signed the event');
  }
  if (by.length > 0) return by;
  if (envelope.signatures.some(({ keyid }) => keyid !== undefined && candidates.has(keyid as KeyId))) {
    throw new RegistryError('key.event_invalid', 'no signature is valid');
  }
  throw new RegistryError(
    'key.unauthorised',
    `no signature is by a key that is registered for ${event.namespace}`,
  );
}

function findSigners(envelope: Envelope, keys: readonly PublicKey[]): readonly KeyId[] {
  try {
    return verifyEnvelope(envelope, PAYLOAD_TYPE_KEY_EVENT, keys, 1).signers.map(({ id }) => id);
  } catch (cause) {
    if (cause instanceof BundleError && cause.code === 'signature.invalid') return [];
    return translate(() => {
      throw cause;
    });
  }
}

function translate<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof BundleError)) throw cause;
    throw new RegistryError('key.event_invalid', cause.message, { cause });
  }
}
