import { type Digest } from '@sheaf/bundle';
import { parseVersion, parseWorkflowId } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { createTestRegistry } from './testing/test-registry.js';
import { failsAt, policyWith, requestFor, trusting } from './testing/verifying.js';

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

  it('refuses a leaf whose time no calendar has, whatever the policy asks of its age', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish('acme/deploy', '1.0.0', { leaf: { t: 8.64e12 + 1 } });
    for (const minReleaseAgeMs of [0, 3_600_000]) {
      const policy = trusting({ policy: policyWith({ minReleaseAgeMs }) });
      await failsAt('leaf', 'leaf.invalid', requestFor(registry, published, { policy }));
    }
    const last = await registry.publish('acme/deploy', '1.1.0', { leaf: { t: 8.64e12 } });
    const policy = trusting({ policy: policyWith({ minReleaseAgeMs: 3_600_000 }) });
    const error = await failsAt('policy', 'release.too_young', requestFor(registry, last, { policy }));
    expect(error.message).toContain('held until a day that no calendar has');
  });

  it('refuses a leaf of another type', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const receipt = { ...published.receipt, publish: await registry.log.logged(1) };
    await failsAt('leaf', 'leaf.mismatch', requestFor(registry, published, { receipt }));
  });
});
