import type { RegistryClient } from './registry-client.js';
import type { TrustStore } from './trust-store.js';
import type { Freshness } from './verify.js';

/** Joins a registry and a trust store to what verification asks of them. `note` is the registry's checkpoint. */
export function createFreshness(
  deps: {
    readonly client: Pick<RegistryClient, 'url' | 'getTile'>;
    readonly trust: Pick<TrustStore, 'advance' | 'getPin'>;
    readonly signal?: AbortSignal | undefined;
  },
  note: string,
): Freshness {
  const { client, trust, signal } = deps;
  return {
    note,
    fetchTile: (level, index, width) => client.getTile(level, index, width, { signal }),
    advance: (seen, newNote) => trust.advance(seen, newNote),
    reload: () => trust.getPin(client.url),
  };
}
