import {
  encodeBase64,
  encodeExchangeProof,
  generateSigningKey,
  signEd25519,
  spkiOf,
  type SigningKey,
} from '@sheaf/bundle';
import type { Namespace, WorkflowName } from '@sheaf/workflow';
import type { ExchangedToken } from '../contract/index.js';
import { ClientError } from '../errors.js';
import type { CallOptions } from '../registry/caller.js';
import type { TrustedMethods } from '../registry/trusted.js';

/** A key that lives in memory for one publish, and the access token that goes with it. */
export interface JobKey {
  readonly key: SigningKey;
  readonly exchanged: ExchangedToken;
}

/**
 * Makes a key and has it logged for whoever an identity token names. The key never leaves the process; the identity token
 * is used up.
 *
 * @param claim.origin the registry's origin, as pinned: the proof counts for this registry only
 * @throws ClientError a code of `oidc.…`, `network.…`, or `response.invalid`
 */
export async function obtainJobKey(
  client: Pick<TrustedMethods, 'exchangeIdentity'>,
  claim: {
    readonly origin: string;
    readonly token: string;
    readonly namespace: Namespace;
    /** The one workflow that is published; several of the namespace without it. */
    readonly name?: WorkflowName | undefined;
  },
  options: CallOptions = {},
): Promise<JobKey> {
  const { origin, token, namespace, name } = claim;
  const key = generateSigningKey();
  const proof = signEd25519(key, encodeExchangeProof({ registry: origin, token, namespace, name }));
  const exchanged = await client.exchangeIdentity(
    {
      token,
      publicKey: encodeBase64(spkiOf(key.publicKey)),
      proof: encodeBase64(proof),
      namespace,
      ...(name !== undefined && { name }),
    },
    options,
  );
  if (exchanged.keyid !== key.publicKey.id || exchanged.namespace !== namespace) {
    throw new ClientError('response.invalid', 'the registry answered for another key or namespace', {
      hint: 'do not use the token; ask the operator of the registry',
    });
  }
  return { key, exchanged };
}
