import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createRegistryClient,
  fetchKeyHistory,
  isVerificationFailure,
  openTrustStore,
  packWorkflow,
  publishWorkflow,
  registerFirstKey,
  type PublishedWorkflow,
} from '@sheaf/client';
import type { SigningKey } from '@sheaf/bundle';
import { parseNamespace } from '@sheaf/workflow';

/** Packs a folder that holds a `workflow.toml` alone, signs it and publishes it. Safe to repeat. */
export async function publish(
  url: string,
  folder: string,
  { key, token, trustDir }: { readonly key: SigningKey; readonly token: string; readonly trustDir: string },
): Promise<PublishedWorkflow> {
  const bytes = await readFile(join(folder, 'workflow.toml'));
  const packed = await packWorkflow([{ path: 'workflow.toml', bytes, executable: false }]);
  const namespace = parseNamespace(packed.bundle.definition.id.split('/')[0] ?? '');
  const client = createRegistryClient({ url, token });
  const trust = await openTrustStore(trustDir);
  try {
    // Once, after comparing the key with what the operator publishes: from here on the log must extend what was seen.
    const { origin, logs } = await client.wellKnown();
    const logKey = logs.find(({ realm }) => realm === 'public')?.key ?? '';
    await trust.pin({ url: client.url, origin, logKey });

    await client.createNamespace(namespace);
    const { keys } = await fetchKeyHistory({ client, trust, namespace });
    if (keys.length === 0) await registerFirstKey({ client, origin, namespace, key });
    return await publishWorkflow({ client, trust, packed, key });
  } catch (error) {
    // The registry took it, and could not prove it: show the operator what it signed.
    if (isVerificationFailure(error)) console.error(error.code, error.verification?.evidence);
    throw error;
  } finally {
    await client.close();
  }
}
