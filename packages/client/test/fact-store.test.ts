import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeStanding, type Standing } from '@sheaf/bundle';
import { parseNamespace, parseWorkflowName } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { openCache } from '../src/cache.js';
import { registryIdOf } from '../src/pin.js';
import { failure } from '../src/testing/failure.js';
import { createTestRegistry } from '../src/testing/test-registry.js';
import { failsAt, memoryTrust, requestFor } from '../src/testing/verifying.js';
import { openTrustStore } from '../src/trust-store.js';
import { verifyWorkflow } from '../src/verify.js';
import { temporaryFolder } from './support/folder.js';

async function setUp() {
  const registry = createTestRegistry();
  const published = await registry.publish();
  const { id, version } = published;
  const key = { logKey: registry.pin().logKey, id, version };
  const release = { ns: parseNamespace('acme'), name: parseWorkflowName('deploy'), version };
  const told = (type: 'yank' | 'quarantine') =>
    registry.standing(registry.append({ type, ...release, reason: 'bad' }));
  const dir = await temporaryFolder();
  return { registry, published, key, told, dir, trust: await openTrustStore(dir) };
}

async function factFile(dir: string): Promise<string> {
  const [folder = ''] = await readdir(join(dir, 'facts'));
  const [file = ''] = await readdir(join(dir, 'facts', folder));
  return join(dir, 'facts', folder, file);
}

describe('facts of a release on disk', () => {
  it('outlive the process and the cache, private to the user, and are written once', async () => {
    const { registry, published, key, told, dir, trust } = await setUp();
    const standings = [await told('quarantine')];
    const input = requestFor(registry, published, { trust });
    await failsAt('policy', 'state.quarantined', { ...input, standings });
    const file = await factFile(dir);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const again = await openTrustStore(dir);
    expect(await again.findFacts(key)).toEqual(standings);
    await failsAt('policy', 'state.quarantined', { ...input, trust: again });
    expect(await factFile(dir)).toBe(file);
  });

  it('are lost by none of many that prove something at once', async () => {
    const { registry, published, key, told, dir, trust } = await setUp();
    const honest = await told('yank');
    const later = await told('quarantine');
    const silent: Standing = { events: [], checkpoint: registry.log.checkpoint() };
    const other = await openTrustStore(dir);
    const slow = { ...trust, findFacts: async () => (await trust.findFacts(key)).slice(0, 0) };
    const tries = [
      ...Array.from({ length: 6 }, () => ({ trust: slow, standings: [silent, honest] })),
      { trust: other, standings: [later] },
    ].map((changes) => verifyWorkflow(requestFor(registry, published, changes)).catch(() => undefined));
    await Promise.all(tries);
    expect((await trust.findFacts(key)).flatMap(({ events }) => events)).toEqual(later.events);
  });

  it('are never taken for none when they are damaged, or of another release', async () => {
    const { registry, published, told, key, dir, trust } = await setUp();
    const standings = [await told('yank')];
    await verifyWorkflow(requestFor(registry, published, { trust, standings }));
    const file = await factFile(dir);
    await writeFile(file, '{}');
    await failure(trust.findFacts(key), 'trust.unusable');
    await failure(verifyWorkflow(requestFor(registry, published, { trust })), 'trust.unusable');
    await rm(file);
    await mkdir(file);
    await failure(trust.findFacts(key), 'trust.unusable');
  });
});

describe('what an earlier version kept in the cache', () => {
  it('counts, moves to where facts are kept, and stops no honest registry when others wrote it', async () => {
    const { registry, published, told, dir, trust } = await setUp();
    const cache = await openCache(join(dir, 'cache'));
    const folder = join(cache.dir, 'receipts', registryIdOf(registry.pin()), 'acme', 'deploy');
    await mkdir(folder, { recursive: true });
    const honest = await told('quarantine');
    const forged = { ...honest, events: honest.events.map((event) => ({ ...event, index: 1 })) };
    const kept = join(folder, '1.0.0.standings');
    const input = requestFor(registry, published, { trust, cache });
    await writeFile(kept, Buffer.concat([encodeStanding(forged), Buffer.from('\nnonsense\n')]));
    await verifyWorkflow(input);
    await writeFile(kept, encodeStanding(honest));
    await failsAt('policy', 'state.quarantined', input);
    await rm(cache.dir, { recursive: true });
    await failsAt('policy', 'state.quarantined', input);
    await verifyWorkflow({ ...input, trust: memoryTrust() });
  });
});
