import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  combinePolicies,
  createRegistryClient,
  fetchWorkflows,
  openCache,
  openTrustStore,
  parseReference,
  parseTrustPolicy,
  unpackTo,
} from '@sheaf/client';

/** Where things lie: `XDG_CACHE_HOME`, `XDG_STATE_HOME` and `XDG_CONFIG_HOME` are what the command line uses. */
export interface Folders {
  readonly cache: string;
  readonly state: string;
  readonly config: string;
}

/** Fetches workflows, verifies every byte of them, and unpacks each into a folder of its own. */
export async function fetchVerifyUnpack(
  url: string,
  references: readonly string[],
  { folders, to, signal }: { readonly folders: Folders; readonly to: string; readonly signal?: AbortSignal },
): Promise<readonly string[]> {
  const client = createRegistryClient({ url });
  const cache = await openCache(join(folders.cache, 'sheaf', 'workflows'));
  const trust = await openTrustStore(join(folders.state, 'sheaf', 'trust'));
  const file = join(folders.config, 'sheaf', 'trust.toml');
  const user = parseTrustPolicy(await readFile(file, 'utf8'), file);
  const policy = { policy: combinePolicies({ user }, { ci: false }), nowMs: () => Date.now() };
  try {
    const results = await fetchWorkflows({
      client,
      cache,
      trust,
      policy,
      references: references.map(parseReference),
      concurrency: 4,
      signal,
      onEvent: (event, index) => {
        if (event.type === 'step') console.error(references[index], event.step.status, event.step.detail);
      },
    });
    const unpacked: string[] = [];
    for (const result of results) {
      // A bundle that failed a check is neither in the cache nor here: there is nothing that could be unpacked.
      if (!result.ok) throw result.error;
      const { workflow } = result.fetched;
      unpacked.push(await unpackTo(workflow, to, workflow.id.replace('/', '-'), { signal }));
    }
    return unpacked;
  } finally {
    await client.close();
  }
}
