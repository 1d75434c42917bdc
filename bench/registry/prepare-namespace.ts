import {
  encodeEnvelope,
  encodeKeyEvent,
  generateSigningKey,
  PAYLOAD_TYPE_KEY_EVENT,
  signEnvelope,
  spkiOf,
  type SigningKey,
} from '@sheaf/bundle';

export interface Reachable {
  readonly url: string;
  readonly origin: string;
  readonly token: string;
}

/** Creates a public namespace and registers a new key for it. @throws Error when the registry refuses */
export async function prepareNamespace(registry: Reachable, namespace: string): Promise<SigningKey> {
  const key = generateSigningKey();
  await post(registry, '/v1/namespaces', JSON.stringify({ name: namespace }));
  const event = encodeKeyEvent({
    type: 'key.add',
    registry: registry.origin,
    namespace,
    publicKey: Buffer.from(spkiOf(key.publicKey)).toString('base64'),
  });
  await post(
    registry,
    '/v1/keys',
    Buffer.from(encodeEnvelope(signEnvelope(PAYLOAD_TYPE_KEY_EVENT, event, [key]))).toString(),
  );
  return key;
}

async function post({ url, token }: Reachable, path: string, body: string): Promise<void> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body,
  });
  if (response.status !== 201) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
}

/** The host that statements are signed for, as the registry says. */
export async function originOf(url: string): Promise<string> {
  const response = await fetch(`${url}/.well-known/sheaf-registry`);
  const { origin } = (await response.json()) as { readonly origin: string };
  return origin;
}
