import type { LimitsConfig } from '../../config/limits.js';
import type { Db } from '../../db/connection.js';
import type { SigningKeyRow } from '../../db/key-queries.js';
import { findPublishTargets, type PublishTarget } from '../../db/publish-queries.js';
import type { Principal } from '../access/principal.js';
import { RegistryError } from '../error.js';
import { findJobSigner } from '../trusted/job-signer.js';
import { versionSortKey } from '../workflows/sort-key.js';
import type { Claim } from './verify-upload.js';

/** Where an upload would go, and who may sign it. */
export interface Located {
  readonly claim: Claim;
  readonly target: PublishTarget;
  readonly keys: readonly SigningKeyRow[];
}

export interface LocateDeps {
  /** Connections for what every publish looks up. */
  readonly hotDb: Db;
  readonly limits: LimitsConfig;
}

/**
 * Finds what is there where the uploads would go. They go to one log, so that they get their places together.
 *
 * @throws RegistryError `namespace.not_found`, `request.invalid` for several logs
 */
export async function locateUploads(
  { hotDb: db, limits }: LocateDeps,
  principal: Principal,
  claims: readonly Claim[],
): Promise<readonly Located[]> {
  const targets = await findPublishTargets(db, {
    refs: claims.map((claim) => ({ ...claim, sortKey: versionSortKey(claim.version) })),
    countUpTo: limits.workflowVersions ?? 0,
  });
  const located = claims.map((claim, i) => {
    const target = targets[i];
    if (!target) throw new RegistryError('namespace.not_found', `there is no namespace ${claim.namespace}`);
    return { claim, target };
  });
  if (new Set(located.map(({ target }) => target.realm)).size > 1)
    throw new RegistryError('request.invalid', 'what is published together must go to one log');
  return Promise.all(
    located.map(async ({ claim, target }) => {
      const { namespaceId, keys: registered } = target;
      const job = await findJobSigner(db, { namespaceId, workflow: claim.name }, claim.envelope, {
        registered,
        preferred: principal.trusted?.keyId,
      });
      return { claim, target, keys: [...registered, ...job] };
    }),
  );
}
