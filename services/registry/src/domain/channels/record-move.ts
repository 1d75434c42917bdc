import type { Namespace, Version, WorkflowName } from '@sheaf/workflow';
import type { Transaction } from 'kysely';
import { insertAudit } from '../../db/audit-queries.js';
import { foreseenChannels, insertChannelMove, lockChannels } from '../../db/channel-queries.js';
import { enqueueLeaf } from '../../db/log-queries.js';
import type { LogSubject } from '../../db/placement-queries.js';
import type { Database } from '../../db/schema.js';
import type { Principal } from '../access/principal.js';
import { RegistryError } from '../error.js';

/** Most channels of a workflow, beside `latest` while it follows. */
export const MAX_CHANNELS = 32;

export interface ChannelMove {
  readonly principal: Principal;
  readonly requestId: string;
  readonly namespace: Namespace;
  readonly name: WorkflowName;
  readonly workflowId: number;
  /** The log of the namespace. */
  readonly realm: string;
  /** Parsed by `parseChannelName`. */
  readonly channel: string;
  /** Where it goes, which may be a version that waits for the log in the same transaction; undefined to remove it. */
  readonly to: { readonly id: number; readonly version: Version } | undefined;
  /** Leaves a channel that points to a higher version where it is. */
  readonly isNeverBack?: boolean;
}

/**
 * Moves or removes a channel, in a transaction of the caller's, who has authorized it: the move, its audit row and its
 * queued leaf. Answers what to wait for in the log; undefined when the channel is there already, and the log has it.
 *
 * @throws RegistryError `channel.limit`
 */
export async function recordChannelMove(
  trx: Transaction<Database>,
  move: ChannelMove,
): Promise<LogSubject | undefined> {
  const { workflowId, channel, to, namespace, name } = move;
  await lockChannels(trx, workflowId);
  const foreseen = await foreseenChannels(trx, workflowId);
  const now = foreseen.find((each) => each.channel === channel);
  if ((now?.versionId ?? undefined) === to?.id)
    return now?.waitingMoveId === undefined ? undefined : { kind: 'channel', id: now.waitingMoveId };
  if (
    move.isNeverBack === true &&
    to &&
    now?.versionId != null &&
    (await isHigher(trx, now.versionId, to.id))
  )
    return undefined;
  const others = foreseen.filter((each) => each.versionId !== null && each.channel !== channel);
  if (to !== undefined && others.length >= MAX_CHANNELS)
    throw new RegistryError('channel.limit', `${namespace}/${name} has ${MAX_CHANNELS} channels already`);
  const { principal } = move;
  const auditId = await insertAudit(trx, {
    principal,
    requestId: move.requestId,
    action: to === undefined ? 'channel.remove' : 'channel.set',
    namespace,
    workflow: name,
    ...(to !== undefined && { version: to.version }),
    detail: { channel },
  });
  const subjectId = await insertChannelMove(trx, {
    workflowId,
    channel,
    versionId: to?.id ?? null,
    movedBy: principal.userId,
  });
  await enqueueLeaf(trx, {
    realm: move.realm,
    namespace,
    leaf:
      to === undefined
        ? { type: 'channel.remove', ns: namespace, name, channel }
        : { type: 'channel.set', ns: namespace, name, channel, version: to.version },
    subjectKind: 'channel',
    subjectId,
    auditId,
  });
  return { kind: 'channel', id: subjectId };
}

async function isHigher(trx: Transaction<Database>, id: number, than: number): Promise<boolean> {
  const [highest] = await trx
    .selectFrom('versions')
    .select('id')
    .where('id', 'in', [id, than])
    .orderBy('sort_key', 'desc')
    .limit(1)
    .execute();
  return highest?.id === id;
}
