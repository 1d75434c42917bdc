import { describe, expect, it } from 'vitest';
import { ClientError, type VerificationStep } from './errors.js';
import { checkpointOf } from './pin.js';
import { failure } from './testing/failure.js';
import { createTestRegistry } from './testing/test-registry.js';
import { freshnessOf, requestFor } from './testing/verifying.js';
import { verifyWorkflow } from './verify.js';

describe('an honest registry', () => {
  it('passes all steps online and stores the newest checkpoint', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    registry.grow(300);
    const { state, freshness } = freshnessOf(registry);
    const steps: VerificationStep[] = [];

    const verified = await verifyWorkflow(
      requestFor(registry, published, { freshness, onStep: (step) => steps.push(step) }),
    );

    expect(steps).toEqual([
      { id: 'log', status: 'ok', detail: 'checkpoint 303 signed' },
      { id: 'leaf', status: 'ok', detail: '#2 is acme/deploy 1.0.0' },
      {
        id: 'signer',
        status: 'ok',
        detail: expect.stringMatching(/^[0-9a-f]{4}…[0-9a-f]{4}, added at #1, not revoked$/) as string,
      },
      {
        id: 'policy',
        status: 'ok',
        detail: expect.stringMatching(/^acme: accepted now, at its first use \(.{9}\)$/) as string,
      },
      { id: 'bytes', status: 'ok', detail: `blob, tar and 3 files, ${published.packed.bundle.digest}` },
    ]);
    expect(checkpointOf(state.pin)).toBe(registry.log.checkpoint());
    expect(verified.digest).toBe(published.packed.bundle.digest);
    expect(verified.logIndex).toBe(2);
    expect(verified.signers.map((key) => key.id)).toEqual([registry.key.publicKey.id]);
    expect(verified.bundle.files.map((file) => file.path)).toEqual([
      'scripts/go.sh',
      'scripts/lib/a.txt',
      'workflow.toml',
    ]);
  });

  it('proves over tiles that the log extends what was seen before', async () => {
    const registry = createTestRegistry();
    registry.grow(200);
    const seen = registry.log.checkpoint();
    registry.grow(400);
    const published = await registry.publish();
    registry.grow(5);
    const { state, freshness } = freshnessOf(registry, registry.pin(seen));
    const steps: VerificationStep[] = [];

    await verifyWorkflow(
      requestFor(registry, published, { pin: state.pin, freshness, onStep: (step) => steps.push(step) }),
    );

    expect(steps[0]?.detail).toBe('checkpoint 608 signed, extends 202 seen before');
    expect(checkpointOf(state.pin)).toBe(registry.log.checkpoint(608));
  });

  it('verifies offline with the pin alone and stores nothing', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    registry.grow(4);

    const verified = await verifyWorkflow(
      requestFor(registry, published, { pin: registry.pin(registry.log.checkpoint()) }),
    );

    expect(verified.checkpoint.size).toBe(3);
  });

  it('takes the checkpoint of a receipt that is younger than the latest one fetched', async () => {
    const registry = createTestRegistry();
    const { state, freshness } = freshnessOf(registry);
    const published = await registry.publish();

    const verified = await verifyWorkflow(
      requestFor(registry, published, { freshness: { ...freshness, fetchTile: registry.log.fetchTile } }),
    );

    expect(verified.checkpoint.size).toBe(3);
    expect(checkpointOf(state.pin)).toBe(registry.log.checkpoint(3));
  });
});

it('lets a network failure through as what it is', async () => {
  const registry = createTestRegistry();
  const published = await registry.publish();
  registry.grow(2);
  const { freshness } = freshnessOf(registry);
  const fetchTile = () => Promise.reject(new ClientError('network.unreachable', 'cannot reach it'));
  const input = requestFor(registry, published, { freshness: { ...freshness, fetchTile } });
  const error = await failure(verifyWorkflow(input), 'network.unreachable');
  expect(error.verification).toBeUndefined();
});
