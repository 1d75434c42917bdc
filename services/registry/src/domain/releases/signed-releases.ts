import type { SignedReleases } from '@sheaf/client/contract';
import type { Db } from '../../db/connection.js';
import { findNamespace } from '../../db/namespace-queries.js';
import { standingReleasesOf } from '../../db/revoked-releases.js';
import { RegistryError } from '../error.js';

/** So many are listed; `total` counts them all. */
const MAX_LISTED = 1000;

/** Which releases a key signed from an index of the log on. */
export interface SignedBy {
  readonly keyid: string;
  readonly fromIndex: number;
}

/**
 * The releases of a namespace that a key signed and that no revocation refuses so far, whatever their state: what a
 * revocation of it from that index would refuse.
 *
 * @throws RegistryError `namespace.not_found`
 */
export async function listSignedReleases(
  db: Db,
  name: string,
  { keyid, fromIndex }: SignedBy,
): Promise<SignedReleases> {
  const namespace = await findNamespace(db, name);
  if (!namespace) throw new RegistryError('namespace.not_found', `there is no namespace ${name}`);
  const asked = { namespaceId: namespace.id, keyId: keyid, fromIndex, limit: MAX_LISTED };
  const rows = await standingReleasesOf(db, asked);
  return {
    total: rows[0]?.total ?? 0,
    releases: rows.map((row) => ({
      id: `${name}/${row.name}`,
      version: row.version,
      logIndex: row.log_index,
      state: row.state,
    })),
  };
}
