import type { Envelope } from '@sheaf/bundle';
import { findEphemeralSigners, type SigningKeyRow } from '../../db/key-queries.js';

type Database = Parameters<typeof findEphemeralSigners>[0];

/**
 * Of the ephemeral keys that an envelope names, the one that may count: the preferred one, else the first. However many a
 * job can get, they are one signer.
 *
 * @param options.registered the keys of the namespace: nothing is asked for an envelope that names these alone
 * @param options.preferred the key that the caller's own token is bound to
 * @returns one at most
 */
export async function findJobSigner(
  db: Database,
  target: { readonly namespaceId: number; readonly workflow: string },
  envelope: Pick<Envelope, 'signatures'>,
  {
    registered,
    preferred,
  }: { readonly registered: readonly SigningKeyRow[]; readonly preferred?: string | undefined },
): Promise<readonly SigningKeyRow[]> {
  const named = envelope.signatures.flatMap(({ keyid }) => keyid ?? []);
  const keyIds = [...new Set([...(preferred === undefined ? [] : [preferred]), ...named])].filter(
    (id) => !registered.some((key) => key.key_id === id),
  );
  if (keyIds.length === 0) return [];
  const found = await findEphemeralSigners(db, target.namespaceId, { keyIds, workflow: target.workflow });
  const first = keyIds.find((id) => found.some((key) => key.key_id === id));
  return found.filter((key) => key.key_id === first);
}
