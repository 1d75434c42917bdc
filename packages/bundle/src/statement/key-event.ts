import { encodeBase64 } from '../encoding/base64.js';
import { canonicalJson } from '../encoding/canonical-json.js';
import { readMembers } from '../encoding/members.js';
import { parseStrictJson } from '../encoding/strict-json.js';
import { publicKeyFromSpki, spkiOf } from '../keys/public-key.js';
import { namespaceMember, REGISTRY } from './identity.js';

const MAX_EVENT_BYTES = 4096;

/**
 * What is signed to register a key: by the new key itself, which proves possession, and by a key that is active in
 * the namespace already, if there is one.
 */
export interface KeyEvent {
  readonly type: 'key.add';
  readonly registry: string;
  readonly namespace: string;
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly publicKey: string;
}

/** The event in canonical JSON, to be signed as {@link PAYLOAD_TYPE_KEY_EVENT}. */
export function encodeKeyEvent(event: KeyEvent): Uint8Array {
  const { type, registry, namespace, publicKey } = event;
  return canonicalJson({ type, registry, namespace, publicKey });
}

/**
 * Parses the payload of a verified key event.
 *
 * @throws BundleError `key.event_invalid`, or `key.invalid` or `key.weak` for its key
 */
export function parseKeyEvent(payload: Uint8Array): KeyEvent {
  const members = readMembers(
    parseStrictJson(payload, MAX_EVENT_BYTES, 'key.event_invalid', 'the key event'),
    'key.event_invalid',
    'the key event',
  );
  if (members.string('type') !== 'key.add') members.fail('type', 'is not key.add');
  const event = {
    type: 'key.add',
    registry: members.string('registry', REGISTRY),
    namespace: namespaceMember(members, 'namespace'),
    publicKey: encodeBase64(spkiOf(publicKeyFromSpki(members.string('publicKey')))),
  } as const;
  members.end();
  return event;
}
