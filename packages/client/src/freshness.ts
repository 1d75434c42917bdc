import { fetchKeyHistory } from './keys/history.js';
import { PUBLIC_REALM } from './pin.js';
import type { RegistryClient } from './registry-client.js';
import type { TrustStore } from './trust-store.js';
import type { Freshness } from './verification-types.js';

/**
 * Joins a registry and a trust store to what verification asks of them.
 *
 * @param note the registry's checkpoint of the log of `realm`, which is the public one unless given
 */
export function createFreshness(
  deps: {
    readonly client: Pick<RegistryClient, 'url' | 'getTile' | 'getNamespaceKeys'>;
    readonly trust: Pick<TrustStore, 'advance' | 'noteRealm' | 'getPin'>;
    readonly signal?: AbortSignal | undefined;
  },
  note: string,
  realm: string = PUBLIC_REALM,
): Freshness {
  const { client, trust, signal } = deps;
  return {
    note,
    fetchTile: (level, index, width) => client.getTile(level, index, width, { realm, signal }),
    advance: (seen, newNote, options) => trust.advance(seen, newNote, options),
    noteRealm: (seen, namespace, of) => trust.noteRealm(seen, namespace, of),
    reload: () => trust.getPin(client.url, { signal }),
    keyHistory: (namespace) => fetchKeyHistory({ client, trust, namespace, signal }),
  };
}
