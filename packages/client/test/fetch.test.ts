import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { digestOf, hexOfDigest } from '@sheaf/bundle';
import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ClientError, type VerificationStep } from '../src/errors.js';
import type { FetchEvent } from '../src/fetch-event.js';
import { fetchWorkflow, type FetchRequest } from '../src/fetch.js';
import { checkpointOf, registryIdOf } from '../src/pin.js';
import { parseReference } from '../src/reference.js';
import { createRegistryClient } from '../src/registry-client.js';
import { failure } from '../src/testing/failure.js';
import { createTestLog, testKey } from '../src/testing/test-log.js';
import { createTestRegistry, ORIGIN } from '../src/testing/test-registry.js';
import { trusting } from '../src/testing/verifying.js';
import { openTrustStore } from '../src/trust-store.js';
import { temporaryFolder } from './support/folder.js';
import { serveRegistry, type Lies } from './support/serve-registry.js';
import { startServer } from './support/server.js';
import { setUp } from './support/fetching.js';

/** Notes which entries of the cache were dropped. */
const droppedInto =
  (dropped: string[]) =>
  (event: FetchEvent): void => {
    if (event.type === 'cache.dropped') dropped.push(event.what);
  };

const pathsOf = (seen: readonly { path: string }[]) =>
  seen.map((request) => request.path.replace(/[0-9a-f]{64}/, '…'));

describe('fetchWorkflow', () => {
  it('resolves, fetches, verifies and keeps a workflow, then asks only for what may change', async () => {
    const { fetch, seen, trust, url, registry, second } = await setUp();
    const progress: number[] = [];
    const got = await fetch('acme/deploy@^1.0', {
      onEvent: (event) => {
        if (event.type === 'download.progress') progress.push(event.receivedBytes);
      },
    });
    expect(got.workflow).toMatchObject({ id: 'acme/deploy', version: '1.1.0' });
    expect(got.resolution).toMatchObject({ state: 'active' });
    expect(got.fromCache).toEqual({ receipt: false, blob: false });
    expect(progress.at(-1)).toBe(second.packed.blob.length);
    expect(checkpointOf(await trust.getPin(url))).toBe(registry.log.checkpoint());

    seen.length = 0;
    const again = await fetch('acme/deploy@1.1.0');
    expect(again.fromCache).toEqual({ receipt: true, blob: true });
    expect(again.workflow.digest).toBe(second.packed.bundle.digest);
    expect(pathsOf(seen).sort()).toEqual([
      '/log/public/checkpoint',
      '/v1/workflows/acme/deploy',
      '/v1/workflows/acme/deploy/1.1.0/standing',
    ]);
  });

  it('asks nothing before the registry is pinned', async () => {
    const { seen, client, cache } = await setUp();
    const trust = await openTrustStore(await temporaryFolder());
    await failure(
      fetchWorkflow({ client, cache, trust, policy: trusting(), reference: parseReference('acme/deploy') }),
      'log.key_unpinned',
    );
    expect(seen).toEqual([]);
  });

  it('proves with tiles that the log grew out of the one seen before', async () => {
    const { fetch, registry, seen, trust, url } = await setUp();
    await fetch('acme/deploy@1.0.0');
    registry.grow(300);
    seen.length = 0;
    const steps: VerificationStep[] = [];
    await fetch('acme/deploy@1.0.0', {
      onEvent: (event) => {
        if (event.type === 'step') steps.push(event.step);
      },
    });
    expect(steps[0]?.detail).toBe('checkpoint 307 signed, extends 7 seen before');
    expect(pathsOf(seen).filter((path) => path.includes('/tile/')).length).toBeGreaterThan(0);
    expect(checkpointOf(await trust.getPin(url))).toBe(registry.log.checkpoint());
  });

  it('keeps nothing when a byte of the bundle was flipped', async () => {
    const { fetch, isCacheEmpty } = await setUp({
      blob: ({ packed }) => Uint8Array.from(packed.blob, (byte, i) => (i === 30 ? byte ^ 1 : byte)),
    });
    const error = await failure(fetch('acme/deploy'), 'blob.digest');
    expect(error.verification?.steps.map((step) => [step.id, step.status])).toEqual([
      ['log', 'ok'],
      ['leaf', 'ok'],
      ['signer', 'ok'],
      ['policy', 'ok'],
      ['bytes', 'fail'],
    ]);
    expect(await isCacheEmpty()).toBe(true);
  });

  it('keeps nothing when the bundle is cut or too long, and calls it a failed check', async () => {
    for (const blob of [
      ({ packed }: { packed: { blob: Uint8Array } }) => packed.blob.subarray(0, 50),
      ({ packed }: { packed: { blob: Uint8Array } }) => Buffer.concat([packed.blob, Buffer.from('x')]),
    ]) {
      const { fetch, isCacheEmpty } = await setUp({ blob });
      const error = await failure(fetch('acme/deploy'), 'blob.size');
      expect(error.verification?.steps.at(-1)).toMatchObject({ id: 'bytes', status: 'fail' });
      expect(await isCacheEmpty()).toBe(true);
    }
  });

  it('keeps nothing when the receipt is that of another version', async () => {
    const other: Lies = {};
    const { fetch, first, isCacheEmpty } = await setUp(other);
    other.receipt = () => first.receipt;
    await failure(fetch('acme/deploy@1.1.0'), 'leaf.mismatch');
    expect(await isCacheEmpty()).toBe(true);
  });

  it('refuses an old checkpoint after a newer one was seen', async () => {
    const lies: Lies = {};
    const { fetch, registry, trust, url } = await setUp(lies);
    await fetch('acme/deploy');
    const seenNote = registry.log.checkpoint();
    lies.checkpoint = () => registry.log.checkpoint(4);
    const dropped: string[] = [];
    const onEvent = droppedInto(dropped);
    await failure(fetch('acme/deploy', { onEvent }), 'log.rollback');
    expect(dropped).toEqual([]);
    expect(checkpointOf(await trust.getPin(url))).toBe(seenNote);
  });

  it('asks for no byte of a bundle whose receipt is refused', async () => {
    const { fetch, seen } = await setUp({
      receipt: (published) => ({ ...published.receipt, checkpoint: 'x\n\n' }),
    });
    await failure(fetch('acme/deploy'), 'note.invalid');
    expect(seen.filter(({ path }) => path.includes('/blobs/'))).toEqual([]);
  });

  it('refuses a receipt that is none', async () => {
    const { client, cache, trust, url } = await setUp();
    const bad = { ...client, getReceipt: () => Promise.reject(new ClientError('response.invalid', 'no')) };
    expect(bad.url).toBe(url);
    await failure(
      fetchWorkflow({
        client: bad,
        cache,
        trust,
        policy: trusting(),
        reference: parseReference('acme/deploy'),
      }),
      'response.invalid',
    );
  });
});

describe('a corrupt cache', () => {
  async function damaged(kind: 'blob' | 'receipt', content: (honest: Buffer) => Buffer, lies: Lies = {}) {
    const set = await setUp(lies);
    await set.fetch('acme/deploy@1.1.0');
    const hex = hexOfDigest(digestOf(set.second.packed.blob));
    const registryId = registryIdOf(await set.trust.getPin(set.url));
    const path =
      kind === 'blob'
        ? join(set.cache.dir, 'blobs', 'sha256', hex.slice(0, 2), `${hex}.tar.gz`)
        : join(set.cache.dir, 'receipts', registryId, 'acme', 'deploy', '1.1.0.json');
    const honest = await readFile(path);
    await writeFile(path, content(honest));
    const dropped: string[] = [];
    const fetchAgain = (changes: Partial<FetchRequest> = {}) =>
      set.fetch('acme/deploy@1.1.0', { onEvent: droppedInto(dropped), ...changes });
    return { ...set, path, honest, dropped, fetchAgain };
  }

  const flip = (honest: Buffer) => Buffer.from(honest.map((byte, i) => (i === 40 ? byte ^ 1 : byte)));

  it('is repaired once, and said, when a blob was changed', async () => {
    const { fetchAgain, dropped, path, honest } = await damaged('blob', flip);
    expect((await fetchAgain()).fromCache).toEqual({ receipt: true, blob: false });
    expect(dropped).toEqual(['blob']);
    expect((await readFile(path)).equals(honest)).toBe(true);
  });

  it('is repaired once, and said, when a receipt was changed or is none', async () => {
    for (const content of [
      (honest: Buffer) => Buffer.from(honest.toString().replace(/"checkpoint":"[^"]{20}/, '"checkpoint":"x')),
      () => Buffer.from('{}'),
    ]) {
      const { fetchAgain, dropped, path, honest } = await damaged('receipt', content);
      expect((await fetchAgain()).fromCache.receipt).toBe(false);
      expect(dropped).toEqual(['receipt']);
      expect((await readFile(path)).equals(honest)).toBe(true);
    }
  });

  it('is not trusted when the registry has the same wrong bytes', async () => {
    const lies: Lies = {};
    const { fetchAgain, dropped } = await damaged('blob', flip, lies);
    lies.blob = ({ packed }) => flip(Buffer.from(packed.blob));
    await failure(fetchAgain(), 'blob.digest');
    expect(dropped).toEqual(['blob']);
  });

  it('is a failed check offline, and is left for the next connection to repair', async () => {
    const blob = await damaged('blob', flip);
    const inCache = await failure(blob.fetchAgain({ offline: true }), 'blob.digest');
    expect(inCache.message).toMatch(/^the bundle sha256:[0-9a-f]{64} in the cache is damaged$/);
    expect(blob.dropped).toEqual([]);
    const receipt = await damaged('receipt', () => Buffer.from('{}'));
    const error = await failure(receipt.fetchAgain({ offline: true }), 'receipt.invalid');
    expect(error.verification?.notReached).toEqual(['leaf', 'signer', 'policy', 'bytes']);
  });
});

describe('two registries that call themselves the same', () => {
  /** Another log of the same name, with the same workflow: its own key, and its own compression of the same bundle. */
  async function impostorOf(set: Awaited<ReturnType<typeof setUp>>) {
    const registry = createTestRegistry(createTestLog({ origin: `${ORIGIN}/log/public`, key: testKey(66) }));
    const blob = gzipSync(gunzipSync(set.second.packed.blob), { level: 0 });
    const published = await registry.publish('acme/deploy', '1.1.0', { blob });
    const server = await startServer(serveRegistry(registry, [published]));
    const client = createRegistryClient({ url: server.url, timeoutMs: 2000, retry: { maxDelayMs: 5 } });
    onTestFinished(() => client.close());
    await set.trust.pin(
      { url: server.url, origin: ORIGIN, logKey: registry.log.logKey },
      { shareOrigin: true },
    );
    return { ...server, client };
  }

  it('do not touch what is kept of each other', async () => {
    const set = await setUp();
    const impostor = await impostorOf(set);
    const dropped: string[] = [];
    const onEvent = droppedInto(dropped);
    const { fetch } = set;
    await fetch('acme/deploy@1.1.0');
    await fetch('acme/deploy@1.1.0', { client: impostor.client, onEvent });
    const again = await fetch('acme/deploy@1.1.0', { onEvent });
    expect(again.fromCache).toEqual({ receipt: true, blob: true });
    for (const client of [set.client, impostor.client])
      expect((await fetch('acme/deploy', { client, offline: true })).workflow.version).toBe('1.1.0');
    expect(dropped).toEqual([]);
  });

  it('do not lend each other their receipts', async () => {
    const set = await setUp();
    const impostor = await impostorOf(set);
    await set.fetch('acme/deploy@1.1.0', { client: impostor.client });
    await failure(set.fetch('acme/deploy', { offline: true }), 'offline.missing');
  });
});

describe('offline', () => {
  it('verifies from the cache with no request at all', async () => {
    const { fetch, seen, second } = await setUp();
    await fetch('acme/deploy@1.0.0');
    await fetch('acme/deploy@1.1.0');
    seen.length = 0;
    for (const reference of [
      'acme/deploy',
      'acme/deploy@1.1.0',
      'acme/deploy@^1',
      `acme/deploy@${second.packed.bundle.digest}`,
    ]) {
      const { workflow, resolution } = await fetch(reference, { offline: true });
      expect(workflow.version).toBe('1.1.0');
      expect(resolution).toBeUndefined();
    }
    expect((await fetch('acme/deploy@~1.0.0', { offline: true })).workflow.version).toBe('1.0.0');
    expect(seen).toEqual([]);
  });

  it('says what is missing and how to get it', async () => {
    const { fetch } = await setUp();
    await fetch('acme/deploy@1.0.0');
    const error = await failure(fetch('acme/deploy@1.1.0', { offline: true }), 'offline.missing');
    expect(error.hint).toBe('fetch acme/deploy@1.1.0 once with a connection');
    // To fetch it once would help nobody: what a channel means is asked each time.
    const channel = await failure(fetch('acme/deploy@beta', { offline: true }), 'offline.missing');
    expect(channel.hint).toMatch(/^name a version or a range .*such as acme\/deploy@1\.2\.0/);
    await failure(fetch('acme/other', { offline: true }), 'offline.missing');
  });
});

describe('what the log said of a release', () => {
  it('is kept although the release is refused for it, so that hiding it later does not help', async () => {
    const lies: Lies = {};
    const { fetch, registry, first } = await setUp(lies);
    await fetch('acme/deploy@1.0.0');
    const keyid = registry.key.publicKey.id;
    const fromIndex = first.receipt.publish.index;
    const revoked = registry.append({
      type: 'key.revoke',
      ns: parseNamespace('acme'),
      keyid,
      reason: 'compromised',
      fromIndex,
      by: [keyid],
      event: '0'.repeat(64),
    });
    lies.standing = () => registry.standing(revoked);
    const dropped: string[] = [];
    const onEvent = droppedInto(dropped);
    await failure(fetch('acme/deploy@1.0.0', { onEvent }), 'key.revoked');
    delete lies.standing;
    await failure(fetch('acme/deploy@1.0.0', { onEvent }), 'key.revoked');
    await failure(fetch('acme/deploy@1.0.0', { offline: true }), 'key.revoked');
    expect(dropped).toEqual([]);
  });

  it('decides about the state, whatever the document of the registry says', async () => {
    const lies: Lies = {};
    const { fetch, registry } = await setUp(lies);
    const { ns, name, version } = {
      ns: parseNamespace('acme'),
      name: parseWorkflowName('deploy'),
      version: parseVersion('1.1.0'),
    };
    const at = registry.append({ type: 'quarantine', ns, name, version, reason: 'malware' });
    lies.standing = () => registry.standing(at);
    const error = await failure(fetch('acme/deploy@1.1.0'), 'state.quarantined');
    expect(error.message).toContain('malware');
  });
});
