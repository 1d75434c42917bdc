import {
  digestOf,
  encodeBase64,
  gzipTar,
  hexOfDigest,
  packTar,
  type Digest,
  type Receipt,
} from '@sheaf/bundle';
import { parseVersion, parseWorkflowId } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import {
  ClientError,
  type ClientErrorCode,
  type VerificationStep,
  type VerificationStepId,
} from './errors.js';
import type { Pin } from './pin.js';
import { failure } from './testing/failure.js';
import { createTestLog, testKey } from './testing/test-log.js';
import { createTestRegistry, testFiles, type Published, type TestRegistry } from './testing/test-registry.js';
import { isVerificationCode } from './verification-codes.js';
import { verifyWorkflow, type Freshness, type VerifyWorkflowInput } from './verify.js';

/** An honest request for what was published: tests change one thing of it. */
function requestFor(
  registry: TestRegistry,
  published: Published,
  changes: Partial<VerifyWorkflowInput> = {},
) {
  return {
    receipt: published.receipt,
    blob: () => Promise.resolve(published.packed.blob),
    expected: { id: published.id, version: published.version, digest: published.packed.bundle.digest },
    pin: registry.pin(),
    ...changes,
  };
}

/** A pin that lives in memory, and the log's present answer. */
function freshnessOf(registry: TestRegistry, pin: Pin = registry.pin()) {
  const state = { pin };
  const freshness: Freshness = {
    note: registry.log.checkpoint(),
    fetchTile: registry.log.fetchTile,
    advance: (seen, note) => {
      if (seen.checkpoint !== state.pin.checkpoint) return Promise.resolve(false);
      state.pin = { ...state.pin, checkpoint: note };
      return Promise.resolve(true);
    },
    reload: () => Promise.resolve(state.pin),
  };
  return { state, freshness };
}

async function failsAt(step: VerificationStepId, code: ClientErrorCode, input: VerifyWorkflowInput) {
  const told: VerificationStep[] = [];
  const error = await failure(verifyWorkflow({ ...input, onStep: (s) => told.push(s) }), code);
  expect(error.verification?.steps).toEqual(told);
  expect(told.at(-1)).toMatchObject({ id: step, status: 'fail' });
  expect(isVerificationCode(error.code)).toBe(true);
  expect(error.hint).toBeTruthy();
  return error;
}

describe('an honest registry', () => {
  it('passes all four steps online and stores the newest checkpoint', async () => {
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
        detail: expect.stringMatching(/^[0-9a-f]{4}…[0-9a-f]{4}, added at #1$/) as string,
      },
      { id: 'bytes', status: 'ok', detail: `blob, tar and 3 files, ${published.packed.bundle.digest}` },
    ]);
    expect(state.pin.checkpoint).toBe(registry.log.checkpoint());
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
    expect(state.pin.checkpoint).toBe(registry.log.checkpoint(608));
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
    expect(state.pin.checkpoint).toBe(registry.log.checkpoint(3));
  });
});

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
    ]);
    expect(error.verification?.notReached).toEqual(['leaf', 'signer', 'bytes']);
    expect(state.pin.checkpoint).toBe(seen);
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
    expect(state.pin.checkpoint).toBe(seen);
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
    expect(state.pin.checkpoint).toBeNull();
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
    expect(state.pin.checkpoint).toBe(registry.log.checkpoint(9));
  });

  it('is advanced again when another process stored an older one meanwhile', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish();
    registry.grow(6);
    const { state, freshness } = freshnessOf(registry);
    state.pin = registry.pin(registry.log.checkpoint(4));
    await verifyWorkflow(requestFor(registry, published, { freshness }));
    expect(state.pin.checkpoint).toBe(registry.log.checkpoint(9));
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
    expect(state.pin.checkpoint).toBe(twin.log.checkpoint());
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

describe('a signature that does not count', () => {
  it('refuses an envelope that the log did not record', async () => {
    const registry = createTestRegistry();
    const first = await registry.publish('acme/deploy', '1.0.0');
    const second = await registry.publish('acme/deploy', '1.1.0');
    const receipt = { ...second.receipt, envelope: first.receipt.envelope };
    const error = await failsAt('signer', 'envelope.digest', requestFor(registry, second, { receipt }));
    expect(error.verification?.steps.map((step) => step.status)).toEqual(['ok', 'ok', 'fail']);
    expect(error.verification?.notReached).toEqual(['bytes']);
  });

  it('refuses a signature by a key that the log never added', async () => {
    const registry = createTestRegistry();
    const published = await registry.publish('acme/deploy', '1.0.0', { signer: testKey(66) });
    await failsAt('signer', 'key.unauthorised', requestFor(registry, published));
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
