import { sha256Hex } from '../digest.js';
import { encodeUtf8 } from '../encoding/bytes.js';

/** What an ephemeral key is asked for with. */
export interface ExchangeClaim {
  /** The registry's origin, a host and maybe a port. */
  readonly registry: string;
  /** The identity token, as the issuer gave it. */
  readonly token: string;
  readonly namespace: string;
  /** The one workflow that the key is to publish. */
  readonly name?: string | undefined;
}

/**
 * The bytes that an ephemeral key signs to show that whoever brings the identity token has the key: bound to this very
 * token, so that a token that is stolen on its way to one registry gets no key at this or another one.
 */
export function encodeExchangeProof({ registry, token, namespace, name }: ExchangeClaim): Uint8Array {
  const target = name === undefined ? namespace : `${namespace}/${name}`;
  return encodeUtf8(`sheaf-oidc-exchange/v1\n${registry}\n${sha256Hex(encodeUtf8(token))}\n${target}\n`);
}
