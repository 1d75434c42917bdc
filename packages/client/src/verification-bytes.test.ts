import { digestOf, gzipTar, hexOfDigest, packTar } from '@sheaf/bundle';
import { describe, expect, it } from 'vitest';
import { createTestRegistry, testFiles } from './testing/test-registry.js';
import { failsAt, requestFor } from './testing/verifying.js';

describe('other bytes', () => {
  it('refuses a flipped, cut or longer blob', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const { blob } = published.packed;
    const flipped = Uint8Array.from(blob, (byte, i) => (i === 40 ? byte ^ 1 : byte));
    for (const bytes of [
      flipped,
      blob.subarray(0, -1),
      Buffer.concat([blob, Buffer.from('x')]),
      new Uint8Array(),
    ]) {
      const error = await failsAt(
        'bytes',
        'blob.digest',
        requestFor(registry, published, { blob: () => Promise.resolve(bytes) }),
      );
      expect(error.verification?.notReached).toEqual([]);
    }
  });

  it('refuses a blob that the log recorded but that inflates to another archive', async () => {
    const registry = createTestRegistry();
    const other = packTar(testFiles('acme/deploy', '1.0.1'));
    const published = await registry.publish('acme/deploy', '1.0.0', { blob: await gzipTar(other) });
    await failsAt('bytes', 'tar.digest', requestFor(registry, published));
  });

  it('stops inflating a blob that is larger than the signed size', async () => {
    const registry = createTestRegistry();
    const bomb = await gzipTar(new Uint8Array(8_000_000));
    const published = await registry.publish('acme/deploy', '1.0.0', { blob: bomb });
    await failsAt('bytes', 'gzip.corrupt', requestFor(registry, published));
  });

  it('refuses a signed archive that is not canonical', async () => {
    const registry = createTestRegistry();
    const honest = packTar(testFiles());
    const tar = Uint8Array.from(honest);
    tar[tar.length - 1] = 1;
    const digest = digestOf(tar);
    const published = await registry.publish('acme/deploy', '1.0.0', {
      blob: await gzipTar(tar),
      statement: { tar: { digest, sizeBytes: tar.length, files: 3 } },
      leaf: { tar: { sha256: hexOfDigest(digest), size: tar.length } },
    });
    const expected = { id: published.id, version: published.version };
    await failsAt('bytes', 'archive.trailer', requestFor(registry, published, { expected }));
  });

  it('refuses a bundle whose definition names another workflow or version', async () => {
    for (const inside of [
      { id: 'acme/other', version: '1.0.0' },
      { id: 'acme/deploy', version: '2.0.0' },
    ]) {
      const registry = createTestRegistry();
      const published = await registry.publish('acme/deploy', '1.0.0', { inside });
      await failsAt('bytes', 'definition.mismatch', requestFor(registry, published));
    }
  });

  it('refuses a statement that describes the inside of the bundle wrongly', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish('acme/deploy', '1.0.0', {
      statement: { definition: { path: 'workflow.toml', sha256: '0'.repeat(64) } },
    });
    await failsAt('bytes', 'definition.mismatch', requestFor(registry, published));
  });
});
