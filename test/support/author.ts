import { generateSigningKey, type ArchiveFile } from '@sheaf/bundle';
import {
  createRegistryClient,
  openTrustStore,
  packWorkflow,
  registerFirstKey,
  type RegistryClient,
  type TrustStore,
} from '@sheaf/client';
import { parseNamespace } from '@sheaf/workflow';
import { join } from 'node:path';
import type { RegistryProcess } from './registry-process.js';

export const KEY = generateSigningKey();
export const NAMESPACE = parseNamespace('acme');

export interface Author {
  readonly client: RegistryClient;
  readonly trust: TrustStore;
}

/** A client of a registry that trusts its log from the first contact and does not retry: a failure is what the test looks at. */
export async function connect(
  registry: Pick<RegistryProcess, 'url' | 'ownerToken' | 'dataDir'>,
): Promise<Author> {
  const client = createRegistryClient({
    url: registry.url,
    token: registry.ownerToken,
    retry: { retries: 0 },
  });
  const trust = await openTrustStore(join(registry.dataDir, 'trust'));
  const { origin, logs } = await client.wellKnown();
  const logKey = logs[0]?.key;
  if (logKey === undefined) throw new Error('the registry names no log');
  await trust.pin({ url: client.url, origin, logKey });
  return { client, trust };
}

/** Creates the namespace and registers the key; again is fine. */
export async function openNamespace({ client, trust }: Author): Promise<void> {
  await client.createNamespace(NAMESPACE);
  const { origin } = await trust.getPin(client.url);
  await registerFirstKey({ client, origin, namespace: NAMESPACE, key: KEY });
}

/** Packs a small workflow of one step. */
export function pack(name: string, version: string) {
  const definition = `id = "${NAMESPACE}/${name}"
version = "${version}"
description = "Says hello"

[bundle]
include = ["hello.txt"]

[steps.hello]
run = 'cat "$SHEAF_BUNDLE/hello.txt"'

[outputs]
text = "\${{ steps.hello.outputs.stdout }}"
`;
  const text = (content: string) => new TextEncoder().encode(content);
  const files: ArchiveFile[] = [
    { path: 'workflow.toml', bytes: text(definition), executable: false },
    { path: 'hello.txt', bytes: text(`hello from ${name} ${version}\n`), executable: false },
  ];
  return packWorkflow(files);
}
