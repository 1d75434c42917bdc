import { type Digest } from '@sheaf/bundle';
import { parseVersion, parseWorkflowId } from '@sheaf/workflow';
import { describe, it } from 'vitest';
import { createTestRegistry } from './testing/test-registry.js';
import { failsAt, requestFor } from './testing/verifying.js';

describe('a proof of something else', () => {
  it('refuses the receipt of another version, name or namespace', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    for (const [id, version] of [
      ['acme/deploy', '1.0.1'],
      ['acme/other', '1.0.0'],
      ['other/deploy', '1.0.0'],
    ] as const) {
      const expected = { id: parseWorkflowId(id), version: parseVersion(version) };
      await failsAt('leaf', 'leaf.mismatch', requestFor(registry, published, { expected }));
    }
  });

  it('refuses another digest than the one that was asked for', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const digest = `sha256:${'0'.repeat(64)}` as Digest;
    const expected = { id: published.id, version: published.version, digest };
    await failsAt('leaf', 'leaf.mismatch', requestFor(registry, published, { expected }));
  });

  it('refuses a leaf of another type', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const receipt = { ...published.receipt, publish: await registry.log.logged(1) };
    await failsAt('leaf', 'leaf.mismatch', requestFor(registry, published, { receipt }));
  });
});
