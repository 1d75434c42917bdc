import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import type { Transaction } from 'kysely';
import type { Database } from '../../db/schema.js';
import type { Principal } from '../access/principal.js';
import { recordChannelMove } from './record-move.js';

/** The channel that versions are published to, and by whom. */
export interface PublishChannel {
  /** Parsed by `parseChannelName`; the caller has authorized the move. */
  readonly name: string;
  readonly principal: Principal;
  readonly requestId: string;
}

/** A version that was stored in the same transaction. */
export interface StoredVersion {
  readonly id: number;
  readonly channel: PublishChannel;
}

/**
 * Points channels at versions in the transaction that stores them, after their leaves: a version that is taken back takes
 * its move with it.
 *
 * @throws RegistryError `channel.limit`
 */
export async function pointChannels(
  trx: Transaction<Database>,
  versions: readonly StoredVersion[],
): Promise<void> {
  if (versions.length === 0) return;
  const channels = new Map(versions.map(({ id, channel }) => [id, channel]));
  const rows = await trx
    .selectFrom('versions as v')
    .innerJoin('workflows as w', 'w.id', 'v.workflow_id')
    .innerJoin('namespaces as n', 'n.id', 'w.namespace_id')
    .select(['v.id', 'v.version', 'w.id as workflowId', 'w.name', 'n.name as namespace', 'n.realm'])
    .where('v.id', 'in', [...channels.keys()])
    // Whoever moves channels of several workflows locks them in one order.
    .orderBy('w.id')
    .orderBy('v.id')
    .execute();
  for (const row of rows) {
    const channel = channels.get(row.id);
    if (!channel) continue;
    await recordChannelMove(trx, {
      principal: channel.principal,
      requestId: channel.requestId,
      namespace: parseNamespace(row.namespace),
      name: parseWorkflowName(row.name),
      workflowId: row.workflowId,
      realm: row.realm,
      channel: channel.name,
      to: { id: row.id, version: parseVersion(row.version) },
    });
  }
}
