import type { Transaction } from 'kysely';
import type { LimitsConfig } from '../../config/limits.js';
import { allowReclaimed, type ReclaimedBlob } from '../../db/blob-sweep-queries.js';
import type { NamespaceKey } from '../../db/key-json.js';
import { holdKeys, tryHoldKeys } from '../../db/key-queries.js';
import { insertVersions, type VersionRecord } from '../../db/publish-queries.js';
import type { Database } from '../../db/schema.js';
import { pointChannels, type PublishChannel } from '../channels/publish-to.js';
import { assertWithinQuota } from '../limits/quota.js';
import { assertAllActive, assertAllThere, assertThreshold } from './signers.js';

/** Versions that are published together or not at all. */
export interface VersionGroup {
  readonly records: readonly VersionRecord[];
  /** Those of their blobs that were swept before and have been put again. */
  readonly reclaimed: readonly ReclaimedBlob[];
  /** Pointed at each of them. */
  readonly channel?: PublishChannel | undefined;
}

/** Somebody changes the keys of one of the namespaces: those who publish there wait, and not everybody else with them. */
export class KeysBusyError extends Error {
  override readonly name = 'KeysBusyError';
}

/** Another transaction has created a workflow of these versions meanwhile: the next one sees it. */
export class WorkflowRacedError extends Error {
  override readonly name = 'WorkflowRacedError';
}

/**
 * Writes groups of versions with their audit rows and their leaves for the log, all of them or none, in one transaction of
 * the caller's. Answers the ids of each group's versions, in order.
 *
 * Since the uploads were verified, a key may have been revoked or a policy have changed: held from here on, neither can come
 * between these versions and their places in the log.
 *
 * @param mayWait whether to wait for whoever changes keys
 * @throws RegistryError `key.revoked`, `key.threshold`, `quota.exceeded`, `channel.limit`, `WorkflowRacedError`; KeysBusyError instead of waiting; the database's
 *   unique violation of `versions_unique`, and what `isBlobSwept` knows
 */
export async function recordGroups(
  trx: Transaction<Database>,
  limits: LimitsConfig,
  groups: readonly VersionGroup[],
  mayWait: boolean,
): Promise<readonly (readonly number[])[]> {
  const records = groups.flatMap((group, group_no) =>
    group.records.map((record) => ({ ...record, group_no })),
  );
  const reclaimed = groups.flatMap((group) => group.reclaimed);
  const namespaces = new Map(records.map((r) => [r.namespace_id, r.namespace]));
  const namespaceIds = [...namespaces.keys()].sort((a, b) => a - b);
  if (reclaimed.length > 0) await allowReclaimed(trx, reclaimed);
  if (!(await tryHoldKeys(trx, namespaceIds))) {
    if (!mayWait) throw new KeysBusyError('keys are being changed');
    for (const id of namespaceIds) await holdKeys(trx, id);
  }
  const stored = await insertVersions(trx, records);
  if (stored === undefined) throw new WorkflowRacedError('others create the same workflow at this moment');
  assertSigners(records, stored.signers);
  assertWithinQuota(limits, stored.usage, namespaces);
  const left = [...stored.ids];
  const ids = groups.map((group) => left.splice(0, group.records.length));
  await pointChannels(
    trx,
    groups.flatMap(({ channel }, i) => (channel ? (ids[i] ?? []).map((id) => ({ id, channel })) : [])),
  );
  return ids;
}

function assertSigners(records: readonly VersionRecord[], keys: readonly NamespaceKey[]): void {
  for (const { namespace_id, key_ids } of records) {
    const signed = keys.filter((k) => k.namespace_id === namespace_id && key_ids.includes(k.key_id));
    assertAllActive(signed);
    assertAllThere(signed, key_ids.length);
    assertThreshold(signed, key_ids.length);
  }
}
