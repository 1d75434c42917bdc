import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { ClientError, createRegistryClient, openTrustStore } from '@sheaf/client';
import { expect, it } from 'vitest';
import { createTestRegistry, ORIGIN } from '../../client/src/testing/test-registry.js';
import { findPaths } from '../src/config/paths.js';
import { explainFailure } from '../src/registry/failure.js';
import { trustDirOf } from '../src/registry/log-key.js';

/** A registry that nothing listens for, used because nothing else was named. */
async function failAtDefault(isTrusted: boolean): Promise<unknown> {
  const url = 'http://127.0.0.1:1';
  const paths = findPaths({ XDG_STATE_HOME: mkdtempSync(join(tmpdir(), 'sheaf-')) }, isAbsolute);
  const ui = { say: () => undefined };
  const context = { env: {}, paths, signal: new AbortController().signal, now: () => 0, ui };
  if (isTrusted) {
    const trust = await openTrustStore(trustDirOf(context));
    await trust.pin({ url, origin: ORIGIN, logKey: createTestRegistry().log.logKey });
  }
  const client = createRegistryClient({ url, retry: { retries: 0 } });
  const session = {
    url,
    client,
    trust: () => openTrustStore(trustDirOf(context)),
    choice: { url, from: 'default' },
  } as const;
  try {
    return await client.wellKnown().catch((error: unknown) => explainFailure(error, session, context));
  } finally {
    await client.close();
  }
}

it('says that no registry is configured only to who has never used the default one', async () => {
  expect(await failAtDefault(false)).toMatchObject({
    code: 'network.unreachable',
    message: 'no registry is configured, and none runs at http://127.0.0.1:1',
    hint: expect.arrayContaining(['name yours: sheaf login URL']) as unknown,
  });
  const known = await failAtDefault(true);
  expect(known).toMatchObject({ code: 'network.unreachable' });
  expect(JSON.stringify(known)).not.toContain('no registry is configured');
});

it('says at which registry there is no such workflow, and how to look there', async () => {
  const url = 'http://127.0.0.1:1';
  const paths = findPaths({ XDG_STATE_HOME: mkdtempSync(join(tmpdir(), 'sheaf-')) }, isAbsolute);
  const ui = { say: () => undefined };
  const context = { env: {}, paths, signal: new AbortController().signal, now: () => 0, ui };
  const client = createRegistryClient({ url, retry: { retries: 0 } });
  const session = {
    url,
    client,
    trust: () => openTrustStore(trustDirOf(context)),
    choice: { url, from: 'sheaf.toml', name: 'two' },
  } as const;
  const problem = { type: 'x', title: 'x', status: 404, code: 'workflow.not_found' } as const;
  const error = new ClientError('workflow.not_found', 'there is no workflow me/flow', { problem } as never);
  expect(await explainFailure(error, session, context)).toMatchObject({
    message: `there is no workflow me/flow at ${url} (of sheaf.toml)`,
    hint: expect.stringContaining(`sheaf search --registry ${url} `) as string,
  });
  await client.close();
});
