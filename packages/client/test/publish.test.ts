import { join } from 'node:path';
import { parseEnvelope, parseKeyEvent, PAYLOAD_TYPE_KEY_EVENT, verifyEnvelope } from '@sheaf/bundle';
import { parseNamespace } from '@sheaf/workflow';
import { describe, expect, it, onTestFinished } from 'vitest';
import { registerFirstKey } from '../src/keys/register.js';
import { checkpointOf } from '../src/pin.js';
import { packWorkflow, publishWorkflow, verifyPublished } from '../src/publish.js';
import { createRegistryClient } from '../src/registry-client.js';
import { failure } from '../src/testing/failure.js';
import { createTestLog, testKey } from '../src/testing/test-log.js';
import { createTestRegistry, ORIGIN, testFiles, type Forgery } from '../src/testing/test-registry.js';
import { openTrustStore } from '../src/trust-store.js';
import { temporaryFolder } from './support/folder.js';
import { serveRegistry } from './support/serve-registry.js';
import { sendJson, startServer } from './support/server.js';

/** A registry that answers a publish of 1.0.0 with the receipt of one that was made in this way. */
async function setUp(status: number, forgery: Forgery = {}, version = '1.0.0') {
  const registry = createTestRegistry();
  const published = await registry.publish('acme/deploy', version, forgery);
  const server = await startServer(
    serveRegistry(registry, [published], { publish: () => ({ status, receipt: published.receipt }) }),
  );
  const client = createRegistryClient({ url: server.url, timeoutMs: 2000, retry: { maxDelayMs: 5 } });
  onTestFinished(() => client.close());
  const trust = await openTrustStore(join(await temporaryFolder(), 'trust'));
  await trust.pin({ url: server.url, origin: ORIGIN, logKey: registry.log.logKey });
  const publish = async () =>
    publishWorkflow({ client, trust, key: registry.key, packed: await packWorkflow(testFiles()) });
  const verify = async () => verifyPublished({ client, trust, packed: await packWorkflow(testFiles()) });
  return { registry, published, ...server, client, trust, publish, verify };
}

describe('publishWorkflow', () => {
  it('calls it published when the receipt proves it, and remembers the checkpoint', async () => {
    const { publish, trust, url, registry, published } = await setUp(201);
    const { created, receipt } = await publish();
    expect(created).toBe(true);
    expect(receipt).toMatchObject({ id: 'acme/deploy', version: '1.0.0', logIndex: 2 });
    expect(receipt.digest).toBe(published.packed.bundle.digest);
    expect(checkpointOf(await trust.getPin(url))).toBe(registry.log.checkpoint());
  });

  it('accepts the first receipt when the same bundle is there already', async () => {
    const { publish } = await setUp(200, { statement: { signedAt: '2026-01-01T00:00:00Z' } });
    expect((await publish()).created).toBe(false);
  });

  it('does not call it published when the registry logged another statement', async () => {
    const { publish } = await setUp(201, { statement: { signedAt: '2026-01-01T00:00:00Z' } });
    await failure(publish(), 'envelope.digest');
  });

  it('does not call it published when the receipt is of another version or bundle', async () => {
    await failure((await setUp(201, {}, '1.0.1')).publish(), 'leaf.mismatch');
    const other = { inside: { id: 'acme/deploy', version: '1.0.1' } };
    await failure((await setUp(201, other)).publish(), 'leaf.mismatch');
  });

  it('sends nothing to a registry that was not pinned', async () => {
    const { client, registry, seen } = await setUp(201);
    const trust = await openTrustStore(await temporaryFolder());
    const packed = await packWorkflow(testFiles());
    await failure(publishWorkflow({ client, trust, key: registry.key, packed }), 'log.key_unpinned');
    expect(seen).toEqual([]);
  });
});

describe('verifyPublished', () => {
  it('proves that the log holds these very bytes, and says who signed them', async () => {
    const { verify, registry, published } = await setUp(200);
    const receipt = await verify();
    expect(receipt.digest).toBe(published.packed.bundle.digest);
    expect(receipt.signers.map(({ id }) => id)).toEqual([registry.key.publicKey.id]);
  });

  it('does not take the word of a registry for it', async () => {
    const { client, trust, registry, published } = await setUp(200);
    const packed = await packWorkflow([
      ...testFiles(),
      { path: 'scripts/other', bytes: Buffer.from('x'), executable: false },
    ]);
    await failure(verifyPublished({ client, trust, packed }), 'leaf.mismatch');
    const other = createTestRegistry(createTestLog({ origin: registry.log.origin, key: testKey(66) }));
    const { receipt } = await other.publish();
    const lying = { ...client, getReceipt: () => Promise.resolve(receipt) };
    await failure(verifyPublished({ client: lying, trust, packed: published.packed }), 'log.key_unknown');
  });
});

describe('registerFirstKey', () => {
  it('sends an event for this registry and namespace, signed by the key itself', async () => {
    const { seen, url } = await startServer((_, response) => {
      sendJson(
        response,
        { name: 'acme', visibility: 'public', realm: 'public', threshold: 1, keys: [] },
        201,
      );
    });
    const client = createRegistryClient({ url });
    onTestFinished(() => client.close());
    const { key } = createTestRegistry();
    const namespace = parseNamespace('acme');
    expect((await registerFirstKey({ client, origin: ORIGIN, namespace, key })).created).toBe(true);

    const envelope = parseEnvelope(seen[0]?.body ?? '');
    const { payload } = verifyEnvelope(envelope, PAYLOAD_TYPE_KEY_EVENT, [key.publicKey], 1);
    expect(parseKeyEvent(payload)).toMatchObject({ type: 'key.add', registry: ORIGIN, namespace: 'acme' });
  });
});
