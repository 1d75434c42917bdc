import { describe, expect, it } from 'vitest';
import { checkpointOf } from './pin.js';
import { failure } from './testing/failure.js';
import { createTestLog, testKey } from './testing/test-log.js';
import { createTestRegistry } from './testing/test-registry.js';
import { failsAt, freshnessOf, requestFor } from './testing/verifying.js';
import { type Freshness } from './verification-types.js';
import { verifyWorkflow } from './verify.js';

describe('the stored checkpoint', () => {
  it('is left alone when another process stored a newer one of the same history', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const { state, freshness } = freshnessOf(registry);
    registry.grow(6);
    state.pin = registry.pin(registry.log.checkpoint());
    await verifyWorkflow(
      requestFor(registry, published, { freshness: { ...freshness, fetchTile: registry.log.fetchTile } }),
    );
    expect(checkpointOf(state.pin)).toBe(registry.log.checkpoint(9));
  });

  it('is advanced again when another process stored an older one meanwhile', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    registry.grow(6);
    const { state, freshness } = freshnessOf(registry);
    state.pin = registry.pin(registry.log.checkpoint(4));
    await verifyWorkflow(requestFor(registry, published, { freshness }));
    expect(checkpointOf(state.pin)).toBe(registry.log.checkpoint(9));
  });

  it('shows a fork when another process stored one of another history', async () => {
    const registry = createTestRegistry();
    const twin = createTestRegistry(registry.log.fork(0));
    const published = await registry.publish();
    registry.grow(6);
    twin.grow(5);
    const { state, freshness } = freshnessOf(registry);
    state.pin = registry.pin(twin.log.checkpoint());
    await failsAt('log', 'log.fork', requestFor(registry, published, { freshness }));
    expect(checkpointOf(state.pin)).toBe(twin.log.checkpoint());
  });

  it('is not written under a key that was replaced meanwhile', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const { state, freshness } = freshnessOf(registry);
    const logKey = createTestLog({ origin: registry.log.origin, key: testKey(99) }).logKey;
    const replaced: Freshness = {
      ...freshness,
      advance: () => Promise.resolve(false),
      reload: () => Promise.resolve({ ...state.pin, logKey }),
    };
    await failsAt('log', 'log.key_changed', requestFor(registry, published, { freshness: replaced }));
  });

  it('is given up after many others moved it, which is no failed check', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const { freshness } = freshnessOf(registry);
    const busy: Freshness = { ...freshness, advance: () => Promise.resolve(false) };
    const error = await failure(
      verifyWorkflow(requestFor(registry, published, { freshness: busy })),
      'trust.unusable',
    );
    expect(error.verification).toBeUndefined();
  });
});
