import { parseDigest } from '@sheaf/bundle';
import { parseVersion, parseWorkflowId } from '@sheaf/workflow';
import { onTestFinished } from 'vitest';
import { createRegistryClient, type RegistryClientOptions } from '../../src/registry-client.js';
import type { RetryNotice } from '../../src/registry/retry.js';
import { startServer, type Answer } from './server.js';

export const ID = parseWorkflowId('acme/deploy');
export const VERSION = parseVersion('1.0.0');
export const DIGEST = parseDigest(`sha256:${'ab'.repeat(32)}`);
/** What `GET /v1/whoami` answers. */
export const WHOAMI = {
  user: 'ana',
  admin: false,
  token: { id: 't', name: 'n', scopes: [] },
  namespaces: [],
};
export const NAMESPACE = { name: 'acme', visibility: 'public', realm: 'public', threshold: 1, keys: [] };

/** A client that gives up soon, and what it said of its retries; it is closed when the test ends. */
export function clientFor(url: string, options: Partial<RegistryClientOptions> = {}) {
  const notices: RetryNotice[] = [];
  const client = createRegistryClient({
    url,
    timeoutMs: 2000,
    retry: { maxDelayMs: 20 },
    onRetry: (notice) => notices.push(notice),
    ...options,
  });
  onTestFinished(() => client.close());
  return Object.assign(client, { notices });
}

/** As {@link clientFor}, of a server that answers so. */
export async function clientOf(answer: Answer, options: Partial<RegistryClientOptions> = {}) {
  const server = await startServer(answer);
  return { ...server, client: clientFor(server.url, options) };
}
