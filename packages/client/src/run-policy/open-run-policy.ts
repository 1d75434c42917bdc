import {
  BundleError,
  PAYLOAD_TYPE_POLICY,
  parseEnvelope,
  sha256Hex,
  verifyEnvelope,
  type Envelope,
  type PublicKey,
} from '@sheaf/bundle';
import { ClientError } from '../errors.js';
import { parseRunPolicy } from './parse-run-policy.js';
import type { RunPolicy } from './run-policy.js';

/** Whom a policy is believed from, and when it is. */
export interface OpenRunPolicyOptions {
  readonly file: string;
  /** One of them must have signed. */
  readonly keys: readonly PublicKey[];
  readonly nowMs: number;
}

/**
 * Opens a signed policy: a DSSE envelope whose payload is its TOML, which is parsed only when the signature holds.
 *
 * @throws ClientError `policy.unsigned`, `policy.key_unknown`, `policy.tampered`, `policy.expired`, `policy.invalid`
 */
export function openRunPolicy(text: string, { file, keys, nowMs }: OpenRunPolicyOptions): RunPolicy {
  const envelope = readEnvelope(text, file);
  const { payload, signers } = verify(envelope, file, keys);
  const { version, expiresMs, limits } = parseRunPolicy(decode(payload, file), file);
  if (expiresMs !== undefined && expiresMs <= nowMs) {
    throw new ClientError('policy.expired', `${file} ended ${new Date(expiresMs).toISOString()}`, {
      hint: 'sign a newer one: sheaf policy sign FILE',
    });
  }
  const ends = expiresMs === undefined ? {} : { expiresMs };
  return { file, version, ...ends, limits, signers, sha256: sha256Hex(payload) };
}

function readEnvelope(text: string, file: string): Envelope {
  let envelope: Envelope | undefined;
  try {
    envelope = parseEnvelope(text);
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
  }
  if (envelope?.payloadType === PAYLOAD_TYPE_POLICY) return envelope;
  throw new ClientError('policy.unsigned', `${file} is no signed policy`, {
    hint: 'sign what it says: sheaf policy sign FILE',
  });
}

function verify(
  envelope: Envelope,
  file: string,
  keys: readonly PublicKey[],
): ReturnType<typeof verifyEnvelope> {
  try {
    return verifyEnvelope(envelope, PAYLOAD_TYPE_POLICY, keys, 1);
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    const named = envelope.signatures.flatMap(({ keyid }) => keyid ?? []);
    if (keys.some(({ id }) => named.includes(id))) {
      throw new ClientError('policy.tampered', `${file} was changed after it was signed`, {
        hint: 'put back the file that was signed',
        cause: error,
      });
    }
    const by = named.length === 0 ? 'a key' : named.map((id) => id.slice(0, 16)).join(', ');
    throw new ClientError('policy.key_unknown', `${file} is signed by ${by}, which is not pinned for it`, {
      hint: 'pin it, after you have compared it with its owner: policy_keys = ["…"] in the trust.toml beside it',
      cause: error,
    });
  }
}

function decode(payload: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch (error) {
    throw new ClientError('policy.invalid', `${file} holds a policy that is not utf-8`, {
      hint: 'sign a text file',
      cause: error,
    });
  }
}
