import {
  encodeBase64,
  encodeExchangeProof,
  generateSigningKey,
  signEd25519,
  spkiOf,
  type SigningKey,
} from '@sheaf/bundle';
import { call, type Answer } from './upload.js';

export interface ExchangeOptions {
  readonly namespace?: string;
  readonly name?: string | undefined;
  readonly key?: SigningKey;
  /** What the proof is over instead. */
  readonly proven?: Partial<Parameters<typeof encodeExchangeProof>[0]>;
  readonly signedBy?: SigningKey;
}

/** What a CI job sends to get a key into the log. */
export async function exchange(
  registry: { readonly url: string; readonly origin: string },
  token: string,
  options: ExchangeOptions = {},
): Promise<{ readonly answer: Answer; readonly key: SigningKey }> {
  const { namespace = 'acme', key = generateSigningKey() } = options;
  const name = 'name' in options ? options.name : 'deploy';
  const claim = { registry: registry.origin, token, namespace, name, ...options.proven };
  const answer = await call(registry, '/v1/oidc/exchange', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      token,
      publicKey: encodeBase64(spkiOf(key.publicKey)),
      proof: encodeBase64(signEd25519(options.signedBy ?? key, encodeExchangeProof(claim))),
      namespace,
      ...(name !== undefined && { name }),
    }),
  });
  return { answer, key };
}

/** Adds a trusted publisher as the owner of the registry. */
export function addPublisher(
  registry: { readonly url: string; readonly ownerToken: string },
  body: object,
  token = registry.ownerToken,
): Promise<Answer> {
  return call(registry, '/v1/trusted-publishers', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    token,
    body: JSON.stringify(body),
  });
}
