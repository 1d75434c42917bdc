import type { Transaction } from 'kysely';
import type { LimitsConfig } from '../../config/limits.js';
import { allowReclaimed, type ReclaimedBlob } from '../../db/blob-sweep-queries.js';
import type { NamespaceKey } from '../../db/key-json.js';
import { holdKeys, tryHoldKeys } from '../../db/key-queries.js';
import { placedEvents, touchOf } from '../../db/log-effects.js';
import { isRefusedByDatabase } from '../../db/outage.js';
import {
  insertVersions,
  type GroupedRecord,
  type Placing,
  type VersionRecord,
} from '../../db/publish-queries.js';
import type { Database } from '../../db/schema.js';
import { refreshWorkflows } from '../../db/search-refresh.js';
import { pointChannels, type PublishChannel } from '../channels/publish-to.js';
import { RegistryError } from '../error.js';
import { assertWithinQuota } from '../limits/quota.js';
import type { OwnLeaves } from '../log/append-batch.js';
import { LogFrozenError } from '../log/frozen.js';
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
 * Whether recording has failed for what one of the groups is, or asks for: others that were recorded with it may have nothing
 * to do with it.
 */
export function isRefusal(error: unknown): boolean {
  if (error instanceof LogFrozenError) return false;
  return isPassing(error) || error instanceof RegistryError || isRefusedByDatabase(error);
}

/** Whether the same group may be recorded a moment later. */
export function isPassing(error: unknown): boolean {
  return error instanceof KeysBusyError || error instanceof WorkflowRacedError;
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
): Promise<GroupIds> {
  const records = recordsOf(groups);
  const reclaimed = groups.flatMap((group) => group.reclaimed);
  const namespaceIds = namespaceIdsOf(records);
  if (reclaimed.length > 0) await allowReclaimed(trx, reclaimed);
  if (!(await tryHoldKeys(trx, namespaceIds))) {
    if (!mayWait) throw keysBusy();
    for (const id of namespaceIds) await holdKeys(trx, id);
  }
  const ids = groupIds(groups, await insertChecked(trx, limits, records));
  await pointChannels(
    trx,
    groups.flatMap(({ channel }, i) => (channel ? (ids[i] ?? []).map((id) => ({ id, channel })) : [])),
  );
  return ids;
}

/** Of the versions of each group, in order. */
export type GroupIds = readonly (readonly number[])[];

/** Whether a group may be written by {@link placingGroups}: nothing else goes with it. */
export function isPlain({ reclaimed, channel }: VersionGroup): boolean {
  return reclaimed.length === 0 && channel === undefined;
}

/**
 * The same as {@link recordGroups} of plain groups, but the versions get their places in the log in the transaction that
 * writes them: one commit for both. It never waits for whoever changes keys.
 */
export function placingGroups(
  realm: string,
  limits: LimitsConfig,
  groups: readonly VersionGroup[],
): OwnLeaves<GroupIds> {
  const records = recordsOf(groups);
  return {
    leaves: records,
    namespaceIds: namespaceIdsOf(records),
    assertHeld: (isHeld) => {
      if (!isHeld) throw keysBusy();
    },
    isRefusal,
    write: async (trx, { firstIndex, at, appended }) => {
      const placed = records.map(({ leaf }, i) => ({ leaf, index: firstIndex + i }));
      const ids = await insertChecked(trx, limits, records, {
        firstIndex,
        checkpointSize: appended.size,
        at,
        appended,
        events: placedEvents(realm, placed, at),
        touches: placed.map(touchOf),
      });
      await refreshWorkflows(trx, ids);
      return {
        value: groupIds(groups, ids),
        placed: placed.map((each, i) => ({
          ...each,
          subject_kind: 'version',
          subject_id: idAt(ids, i),
        })),
      };
    },
  };
}

function recordsOf(groups: readonly VersionGroup[]): readonly GroupedRecord[] {
  return groups.flatMap((group, group_no) => group.records.map((record) => ({ ...record, group_no })));
}

/** In the order in which everybody takes their locks. */
function namespaceIdsOf(records: readonly VersionRecord[]): readonly number[] {
  return [...new Set(records.map((r) => r.namespace_id))].sort((a, b) => a - b);
}

function keysBusy(): KeysBusyError {
  return new KeysBusyError('keys are being changed');
}

/** Stores versions, and judges what the statement tells of their keys and quotas. */
async function insertChecked(
  trx: Transaction<Database>,
  limits: LimitsConfig,
  records: readonly GroupedRecord[],
  placing?: Placing,
): Promise<readonly number[]> {
  const stored = await insertVersions(trx, records, placing);
  if (stored === undefined) throw new WorkflowRacedError('others create the same workflow at this moment');
  assertSigners(records, stored.signers);
  assertWithinQuota(limits, stored.usage, new Map(records.map((r) => [r.namespace_id, r.namespace])));
  return stored.ids;
}

function groupIds(groups: readonly VersionGroup[], ids: readonly number[]): GroupIds {
  const left = [...ids];
  return groups.map((group) => left.splice(0, group.records.length));
}

function idAt(ids: readonly number[], i: number): number {
  const id = ids[i];
  if (id === undefined) throw new Error('a version that was stored has no id');
  return id;
}

function assertSigners(records: readonly VersionRecord[], keys: readonly NamespaceKey[]): void {
  for (const { namespace_id, key_ids } of records) {
    const signed = keys.filter((k) => k.namespace_id === namespace_id && key_ids.includes(k.key_id));
    assertAllActive(signed);
    assertAllThere(signed, key_ids.length);
    assertThreshold(signed, key_ids.length);
  }
}
