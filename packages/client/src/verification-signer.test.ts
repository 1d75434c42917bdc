import { encodeBase64, spkiOf, type Digest } from '@sheaf/bundle';
import { parseNamespace } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { testKey } from './testing/test-log.js';
import { createTestRegistry } from './testing/test-registry.js';
import { failsAt, requestFor } from './testing/verifying.js';
import { verifyWorkflow } from './verify.js';

describe('a signature that does not count', () => {
  it('refuses an envelope that the log did not record', async () => {
    const registry = createTestRegistry();
    const first = await registry.publish('acme/deploy', '1.0.0');
    const second = await registry.publish('acme/deploy', '1.1.0');
    const receipt = { ...second.receipt, envelope: first.receipt.envelope };
    const error = await failsAt('signer', 'envelope.digest', requestFor(registry, second, { receipt }));
    expect(error.verification?.steps.map((step) => step.status)).toEqual(['ok', 'ok', 'fail']);
    expect(error.verification?.notReached).toEqual(['policy', 'bytes']);
  });

  it('refuses a signature by a key that the log never added', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish('acme/deploy', '1.0.0', { signer: testKey(66) });
    await failsAt('signer', 'key.unauthorised', requestFor(registry, published));
  });

  it('refuses a key whose leaf has a time that no calendar has', async () => {
    const registry = createTestRegistry();
    const key = testKey(8);
    const { publicKey } = key;
    const auth = registry.append({
      type: 'key.add',
      ns: parseNamespace('acme'),
      t: Number.MAX_SAFE_INTEGER,
      keyid: publicKey.id,
      key: encodeBase64(spkiOf(publicKey)),
      by: [publicKey.id],
      event: '0'.repeat(64),
    });
    const published = await registry.publish('acme/deploy', '1.0.0', { signers: [[key, auth]] });
    await failsAt('signer', 'leaf.invalid', requestFor(registry, published));
  });

  it('refuses a signature by another key under the id of the authorised one', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish('acme/deploy', '1.0.0', {
      signer: testKey(66),
      leaf: { keyids: [registry.key.publicKey.id] },
    });
    await failsAt('signer', 'signature.invalid', requestFor(registry, published));
  });

  it('refuses a signature whose bytes were changed', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish('acme/deploy', '1.0.0', {
      envelope: (honest) => ({ ...honest, signatures: [{ sig: encodeBase64(new Uint8Array(64).fill(9)) }] }),
    });
    await failsAt('signer', 'signature.invalid', requestFor(registry, published));
  });

  it('refuses a publish that names two keys when only one has signed', async () => {
    const registry = createTestRegistry();
    const second = testKey(8);
    const published = await registry.publish('acme/deploy', '1.0.0', {
      leaf: { keyids: [registry.key.publicKey.id, second.publicKey.id], auth: [1, registry.addKey(second)] },
    });
    await failsAt('signer', 'signature.invalid', requestFor(registry, published));
  });

  it('refuses a key that was added to another namespace', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish('evil/deploy');
    await failsAt('signer', 'key.unauthorised', requestFor(registry, published));
  });

  it('refuses a publish whose authority is another leaf than it names', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish('acme/deploy', '1.0.0', { leaf: { auth: [0] } });
    await failsAt('signer', 'key.unauthorised', requestFor(registry, published));
  });

  it('refuses a statement that was signed for another registry, name, version or bundle', async () => {
    for (const statement of [
      { registry: 'other.example.com' },
      { name: 'other' as never },
      { version: '9.9.9' as never },
      { tar: { digest: `sha256:${'0'.repeat(64)}` as Digest, sizeBytes: 10_240, files: 3 } },
    ]) {
      const registry = createTestRegistry();
      const published = await registry.publish('acme/deploy', '1.0.0', { statement });
      await failsAt('signer', 'statement.mismatch', requestFor(registry, published));
    }
  });
});

it('names the signers that no earlier key vouches for', async () => {
  const registry = createTestRegistry();
  const recovered = testKey(9);
  const auth = [registry.addKey(recovered, { recovery: true })];
  const published = await registry.publish('acme/deploy', '1.0.0', { signer: recovered, leaf: { auth } });
  expect((await verifyWorkflow(requestFor(registry, published))).recovered).toEqual([recovered.publicKey.id]);
  const ordinary = await registry.publish('acme/deploy', '1.0.1');
  expect((await verifyWorkflow(requestFor(registry, ordinary))).recovered).toEqual([]);
});
