import type { Db } from '../../db/connection.js';
import { findEphemeralSigners, signingKeys, type SigningKeyRow } from '../../db/key-queries.js';
import { findPublishTargets, type PublishTarget } from '../../db/publish-queries.js';
import type { Principal } from '../access/principal.js';
import { RegistryError } from '../error.js';
import { versionSortKey } from '../workflows/sort-key.js';
import type { Claim } from './verify-upload.js';

/** Where an upload would go, and who may sign it. */
export interface Located {
  readonly claim: Claim;
  readonly target: PublishTarget;
  readonly keys: readonly SigningKeyRow[];
}

/**
 * Finds what is there where the uploads would go. They go to one log, so that they get their places together.
 *
 * @throws RegistryError `namespace.not_found`, `request.invalid` for several logs
 */
export async function locateUploads(
  db: Db,
  principal: Principal,
  claims: readonly Claim[],
): Promise<readonly Located[]> {
  const targets = await findPublishTargets(
    db,
    claims.map((claim) => ({ ...claim, sortKey: versionSortKey(claim.version) })),
  );
  const keysOf = new Map<number, Promise<readonly SigningKeyRow[]>>();
  const located = claims.map((claim, i) => {
    const target = targets[i];
    if (!target) throw new RegistryError('namespace.not_found', `there is no namespace ${claim.namespace}`);
    const { namespaceId } = target;
    keysOf.set(namespaceId, keysOf.get(namespaceId) ?? signingKeys(db, namespaceId));
    return { claim, target };
  });
  if (new Set(located.map(({ target }) => target.realm)).size > 1)
    throw new RegistryError('request.invalid', 'what is published together must go to one log');
  return Promise.all(
    located.map(async ({ claim, target }) => ({
      claim,
      target,
      keys: [
        ...((await keysOf.get(target.namespaceId)) ?? []),
        ...(await ephemeralKey(
          db,
          principal,
          target.namespaceId,
          claim,
          await keysOf.get(target.namespaceId),
        )),
      ],
    })),
  );
}

/**
 * Of the ephemeral keys that the envelope names, the one that may count: that of whoever asks, else the first. However many
 * a job can get, they are one signer.
 */
async function ephemeralKey(
  db: Db,
  { trusted }: Principal,
  namespaceId: number,
  { envelope, name }: Claim,
  registered: readonly SigningKeyRow[] = [],
): Promise<readonly SigningKeyRow[]> {
  const named = envelope.signatures.flatMap(({ keyid }) => keyid ?? []);
  const own = trusted === undefined ? [] : [trusted.keyId];
  const keyIds = [...new Set([...own, ...named])].filter(
    (id) => !registered.some((key) => key.key_id === id),
  );
  if (keyIds.length === 0) return [];
  const found = await findEphemeralSigners(db, namespaceId, { keyIds, workflow: name });
  const first = keyIds.find((id) => found.some((key) => key.key_id === id));
  return found.filter((key) => key.key_id === first);
}
