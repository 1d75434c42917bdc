import { type Receipt } from '@sheaf/bundle';
import { describe, expect, it } from 'vitest';
import { ClientError } from './errors.js';
import { checkpointOf } from './pin.js';
import { createTestLog, testKey } from './testing/test-log.js';
import { createTestRegistry } from './testing/test-registry.js';
import { failsAt, freshnessOf, requestFor } from './testing/verifying.js';

describe('a lying log', () => {
  it('refuses a checkpoint that another key signed', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const other = createTestLog({ origin: registry.log.origin, key: testKey(99) });
    const pin = { ...registry.pin(), logKey: other.logKey };
    await failsAt('log', 'log.key_unknown', requestFor(registry, published, { pin }));
  });

  it('refuses a checkpoint whose text was changed after signing', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const receipt = {
      ...published.receipt,
      checkpoint: published.receipt.checkpoint.replace('\n3\n', '\n4\n'),
    };
    await failsAt('log', 'log.signature', requestFor(registry, published, { receipt }));
  });

  it('refuses a latest checkpoint that is no note at all', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const { freshness } = freshnessOf(registry);
    const input = requestFor(registry, published, { freshness: { ...freshness, note: '<html>' } });
    await failsAt('log', 'note.invalid', input);
  });

  it('refuses the checkpoint of another log of the same key holder', async () => {
    const other = createTestRegistry(createTestLog({ origin: 'wf.example.com/log/private' }));
    const published = await other.publish();
    await failsAt('log', 'log.origin', requestFor(other, published));
  });

  it('calls it a rollback when the log is shorter than what was seen, and keeps both notes', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const old = registry.log.checkpoint();
    registry.grow(10);
    const seen = registry.log.checkpoint();
    const { state, freshness } = freshnessOf(registry, registry.pin(seen));

    const error = await failsAt(
      'log',
      'log.rollback',
      requestFor(registry, published, { pin: state.pin, freshness: { ...freshness, note: old } }),
    );

    expect(error.verification?.evidence).toEqual([
      { name: 'stored-checkpoint', text: seen },
      { name: 'receipt-checkpoint', text: published.receipt.checkpoint },
      { name: 'latest-checkpoint', text: old },
      { name: 'receipt', text: expect.stringContaining('"payloadType"') as string },
    ]);
    expect(error.verification?.notReached).toEqual(['leaf', 'signer', 'policy', 'bytes']);
    expect(checkpointOf(state.pin)).toBe(seen);
  });

  it('calls it a fork when the longer log does not hold what was seen', async () => {
    const registry = createTestRegistry();
    const twin = createTestRegistry(registry.log.fork(0));
    registry.grow(5);
    const seen = registry.log.checkpoint();
    twin.grow(1);
    const published = await twin.publish();
    twin.grow(20);
    const { state, freshness } = freshnessOf(twin, twin.pin(seen));
    await failsAt('log', 'log.fork', requestFor(twin, published, { pin: state.pin, freshness }));
    expect(checkpointOf(state.pin)).toBe(seen);
  });

  it('calls it a fork when one size has two roots, online and offline', async () => {
    const registry = createTestRegistry();
    const twin = createTestRegistry(registry.log.fork(0));
    registry.grow(1);
    const published = await twin.publish();
    const pin = twin.pin(registry.log.checkpoint());
    expect(registry.log.size()).toBe(twin.log.size());
    await failsAt('log', 'log.fork', requestFor(twin, published, { pin }));
    const { freshness } = freshnessOf(twin, pin);
    await failsAt('log', 'log.fork', requestFor(twin, published, { pin, freshness }));
  });

  it('calls it a fork when the receipt is of another history than the latest checkpoint', async () => {
    const registry = createTestRegistry();
    const twin = createTestRegistry(registry.log.fork(0));
    const published = await twin.publish();
    registry.grow(9);
    const { state, freshness } = freshnessOf(registry);
    await failsAt('log', 'log.fork', requestFor(registry, published, { freshness }));
    expect(checkpointOf(state.pin)).toBeNull();
  });

  it('does not take tiles with other hashes for a proof', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const seen = registry.log.checkpoint();
    registry.grow(10);
    const { state, freshness } = freshnessOf(registry, registry.pin(seen));
    const fetchTile = async (...address: [number, number, number]) => {
      const tile = Uint8Array.from(await registry.log.fetchTile(...address));
      tile[0] = 1 ^ (tile[0] ?? 0);
      tile[tile.length - 1] = 1 ^ (tile.at(-1) ?? 0);
      return tile;
    };
    const input = requestFor(registry, published, { pin: state.pin, freshness: { ...freshness, fetchTile } });
    await failsAt('log', 'log.fork', input);
  });

  it('does not go on when tiles are withheld or cut', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    registry.grow(10);
    const { freshness } = freshnessOf(registry);
    const withheld = () => Promise.reject(new ClientError('tile.not_found', 'no such tile'));
    const cut = () => Promise.resolve(new Uint8Array(32));
    await failsAt(
      'log',
      'log.unproven',
      requestFor(registry, published, { freshness: { ...freshness, fetchTile: withheld } }),
    );
    await failsAt(
      'log',
      'log.tile_invalid',
      requestFor(registry, published, { freshness: { ...freshness, fetchTile: cut } }),
    );
  });

  it('refuses a leaf that the checkpoint does not cover', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const { receipt } = published;
    const forged: Receipt = {
      ...receipt,
      publish: { ...receipt.publish, proof: receipt.publish.proof.map(() => new Uint8Array(32)) },
    };
    await failsAt('log', 'proof.inclusion', requestFor(registry, published, { receipt: forged }));
  });

  it('refuses the proof of another version under this leaf', async () => {
    const registry = createTestRegistry();
    const first = await registry.publish('acme/deploy', '1.0.0');
    const second = await registry.publish('acme/deploy', '1.1.0');
    const receipt = {
      ...second.receipt,
      publish: { ...second.receipt.publish, leaf: first.receipt.publish.leaf },
    };
    await failsAt('log', 'proof.inclusion', requestFor(registry, first, { receipt }));
  });

  it('refuses an authorising leaf that the log does not hold', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    const { receipt } = published;
    const authority = receipt.authority.map((logged) => ({ ...logged, index: 0 }));
    await failsAt(
      'log',
      'proof.inclusion',
      requestFor(registry, published, { receipt: { ...receipt, authority } }),
    );
  });
});
