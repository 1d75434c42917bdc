import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openCache } from '../../src/cache.js';
import { fetchWorkflow, type FetchRequest } from '../../src/fetch.js';
import { parseReference } from '../../src/reference.js';
import { createRegistryClient } from '../../src/registry-client.js';
import { createTestRegistry, ORIGIN } from '../../src/testing/test-registry.js';
import { trusting } from '../../src/testing/verifying.js';
import { openTrustStore } from '../../src/trust-store.js';
import { temporaryFolder } from './folder.js';
import { serveRegistry, type Lies } from './serve-registry.js';
import { startServer } from './server.js';

/** A registry with versions 1.0.0 and 1.1.0, and a person who has pinned it. */
export async function setUp(lies: Lies = {}) {
  const registry = createTestRegistry();
  const first = await registry.publish('acme/deploy', '1.0.0');
  registry.grow(3);
  const second = await registry.publish('acme/deploy', '1.1.0');
  const server = await startServer(serveRegistry(registry, [second, first], lies));
  const dir = await temporaryFolder();
  const client = createRegistryClient({ url: server.url, timeoutMs: 2000, retry: { maxDelayMs: 5 } });
  onTestFinished(() => client.close());
  const cache = await openCache(join(dir, 'cache'));
  const trust = await openTrustStore(join(dir, 'trust'));
  await trust.pin({ url: server.url, origin: ORIGIN, logKey: registry.log.logKey });
  const fetch = (reference: string, changes: Partial<FetchRequest> = {}) =>
    fetchWorkflow({
      client,
      cache,
      trust,
      policy: trusting(),
      reference: parseReference(reference),
      ...changes,
    });
  const isCacheEmpty = async () =>
    !(await readdir(cache.dir, { recursive: true })).some((name) => /\.(json|gz)$/.test(name));
  return { registry, first, second, ...server, cache, trust, client, fetch, isCacheEmpty };
}
