import { checkInclusion, proveKeyHistory, type KeyHistory } from '@sheaf/bundle';
import type { Namespace } from '@sheaf/workflow';
import { assertConsistent, openSeen, type SeenCheckpoint } from '../consistency.js';
import { ClientError } from '../errors.js';
import { checkpointOf } from '../pin.js';
import type { RegistryClient } from '../registry-client.js';
import type { TrustStore } from '../trust-store.js';
import { openLog } from '../verification-realm.js';

/** Whose keys are asked for, and of whom. */
export interface KeyHistoryRequest {
  readonly client: Pick<RegistryClient, 'url' | 'getNamespaceKeys' | 'getTile'>;
  readonly trust: Pick<TrustStore, 'getPin'>;
  readonly namespace: Namespace;
  readonly signal?: AbortSignal | undefined;
}

/** The keys and the policy of a namespace, as the log and the keys' own signatures prove them. */
export interface VerifiedKeyHistory extends KeyHistory {
  /** Which log holds it: `public`, or for a private namespace its own name. */
  readonly realm: string;
  /** The checkpoint that the proofs lead to. */
  readonly checkpoint: SeenCheckpoint;
}

/**
 * Fetches the key events of a namespace and verifies them: signed by the pinned log key, each held by the log, the log
 * an extension of what was seen of it before, and each event signed by the keys that the log names for it. That an
 * event is missing no log can prove; a hole shows where a later event needs it.
 *
 * @throws ClientError `log.key_unpinned`, `log.realm_changed`, `log.rollback`, `log.fork`, `log.unproven`, the registry's problems,
 * `network.*`; BundleError `log.…`, `note.…`, `proof.inclusion`, `standing.invalid`, `key.unauthorised`, `leaf.…`
 */
export async function fetchKeyHistory(request: KeyHistoryRequest): Promise<VerifiedKeyHistory> {
  const { client, trust, namespace, signal } = request;
  // The pin is read before the registry is asked: a checkpoint that another process stores meanwhile is then no rollback.
  const pin = await trust.getPin(client.url);
  const { events, checkpoint: note } = await client.getNamespaceKeys(namespace, { signal });
  const log = openLog({ checkpoint: note }, pin, namespace);
  const { realm } = log;
  const checkpoint = openSeen(note, log);
  for (const event of events) checkInclusion(event, { ...checkpoint, origin: log.origin });
  const stored = checkpointOf(pin, realm);
  if (stored !== null) {
    await assertExtends(openSeen(stored, log), checkpoint, (level, index, width) =>
      client.getTile(level, index, width, { realm, signal }),
    );
  }
  return { ...proveKeyHistory(events, { registry: pin.origin, namespace }), realm, checkpoint };
}

async function assertExtends(
  stored: SeenCheckpoint,
  checkpoint: SeenCheckpoint,
  fetchTile: Parameters<typeof assertConsistent>[2],
): Promise<void> {
  if (checkpoint.size < stored.size) {
    throw new ClientError(
      'log.rollback',
      `the log shows ${checkpoint.size} entries, but ${stored.size} were seen before: its history was cut or replaced`,
    );
  }
  await assertConsistent(stored, checkpoint, fetchTile);
}
