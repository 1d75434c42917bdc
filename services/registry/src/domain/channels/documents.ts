import type { Channel, ChannelDocument, ChannelList } from '@sheaf/client/contract';
import type { Db } from '../../db/connection.js';
import { channelHistory, channelsOf, findFollowed, type SetChannel } from '../../db/channel-queries.js';
import type { WorkflowRef } from '../../db/workflow-queries.js';
import { RegistryError } from '../error.js';

/** The one that follows the highest stable active version, unless it was set by hand. */
export const LATEST = 'latest';

/**
 * Where the channels of a workflow point, for its document.
 *
 * @param followed the highest stable active version; null when there is none
 */
export async function channelVersions(
  db: Db,
  workflowId: number,
  followed: string | null,
): Promise<Record<string, string>> {
  const set = await channelsOf(db, workflowId);
  return Object.fromEntries([
    ...(followed === null ? [] : [[LATEST, followed] as const]),
    ...set.map(({ channel, version }) => [channel, version] as const),
  ]);
}

/** Every channel of a workflow. @throws RegistryError `workflow.not_found` */
export async function getChannelList(db: Db, ref: WorkflowRef): Promise<ChannelList> {
  const { id, latest } = await getFollowed(db, ref);
  const set = await channelsOf(db, id);
  const follows = set.some(({ channel }) => channel === LATEST) || !latest ? [] : [latest];
  const channels = [...follows, ...set.map(toChannel)];
  return {
    id: `${ref.namespace}/${ref.name}`,
    channels: channels.sort((a, b) => (a.channel < b.channel ? -1 : 1)),
  };
}

export interface HistoryPage {
  /** Log index of the oldest move that was shown before. */
  readonly before: number | undefined;
  readonly limit: number;
}

/**
 * A channel: where it points, and its moves. One that was removed keeps its history.
 *
 * @throws RegistryError `workflow.not_found`, `channel.not_found`
 */
export async function getChannelDocument(
  db: Db,
  ref: WorkflowRef,
  channel: string,
  { before, limit }: HistoryPage,
): Promise<ChannelDocument> {
  const { id, latest } = await getFollowed(db, ref);
  const set = (await channelsOf(db, id)).find((each) => each.channel === channel);
  const moves = await channelHistory(db, id, channel, { before, limit: limit + 1 });
  const current = set ? toChannel(set) : channel === LATEST ? latest : undefined;
  if (!current && moves.length === 0 && before === undefined)
    throw new RegistryError('channel.not_found', `${ref.namespace}/${ref.name} has no channel ${channel}`);
  const shown = moves.slice(0, limit);
  const last = moves.length > limit ? shown.at(-1) : undefined;
  return {
    id: `${ref.namespace}/${ref.name}`,
    channel,
    ...(current && { current }),
    history: shown.map((move) => ({
      ...(move.version !== null && { version: move.version }),
      at: (move.moved_at ?? new Date(0)).toISOString(),
      logIndex: move.log_index,
    })),
    ...(last && { nextCursor: String(last.log_index) }),
  };
}

async function getFollowed(db: Db, ref: WorkflowRef) {
  const row = await findFollowed(db, ref);
  if (!row)
    throw new RegistryError('workflow.not_found', `there is no workflow ${ref.namespace}/${ref.name}`);
  const { version, published_at, log_index } = row;
  if (version === null || published_at === null || log_index === null) return { id: row.id };
  const latest: Channel = {
    channel: LATEST,
    version,
    mode: 'follows',
    state: 'active',
    resolves: true,
    movedAt: published_at.toISOString(),
    logIndex: log_index,
  };
  return { id: row.id, latest };
}

function toChannel({ channel, version, state, isRevoked, movedAt, logIndex }: SetChannel): Channel {
  return {
    channel,
    version,
    mode: 'set',
    state,
    ...(isRevoked && { revoked: true as const }),
    resolves: !isRevoked && (state === 'active' || state === 'deprecated'),
    movedAt: movedAt.toISOString(),
    logIndex,
  };
}
