import { Type, type Static } from '@sinclair/typebox';
import { VersionStateSchema } from './schemas.js';

/** Channels of a workflow. */

const closed = { additionalProperties: false } as const;
const time = Type.String({
  description: 'RFC 3339, UTC',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z$',
});
const version = Type.String({ description: 'SemVer 2 without build metadata', maxLength: 64 });
const channel = Type.String({ pattern: '^[a-z]([a-z0-9-]{0,62}[a-z0-9])?$' });
const workflowId = Type.String({ maxLength: 129 });

/** The JSON Schema of {@link SetChannelRequest}. */
export const SetChannelSchema = Type.Object({ version }, closed);
/** Where a channel is to point. */
export type SetChannelRequest = Static<typeof SetChannelSchema>;

/** The JSON Schema of {@link Channel}. */
export const ChannelSchema = Type.Object({
  channel,
  version,
  /** `latest` follows the highest stable active version, unless it was set by hand. */
  mode: Type.Union([Type.Literal('set'), Type.Literal('follows')]),
  state: VersionStateSchema,
  /** A revoked key has signed the version. */
  revoked: Type.Optional(Type.Literal(true)),
  /** Whether clients take the version for the channel: a yanked, quarantined or revoked one they do not. */
  resolves: Type.Boolean(),
  movedAt: time,
  /** Of the move; of the publish for a channel that follows. */
  logIndex: Type.Integer(),
});
/** A name that points at a version. */
export type Channel = Static<typeof ChannelSchema>;

/** The JSON Schema of {@link ChannelList}. */
export const ChannelListSchema = Type.Object({ id: workflowId, channels: Type.Array(ChannelSchema) });
/** All channels of a workflow. */
export type ChannelList = Static<typeof ChannelListSchema>;

/** The JSON Schema of {@link ChannelDocument}. */
export const ChannelDocumentSchema = Type.Object({
  id: workflowId,
  channel,
  /** Where it points now; left out when it was removed. */
  current: Type.Optional(ChannelSchema),
  /** Moves by hand, newest first; a removal names no version. */
  history: Type.Array(Type.Object({ version: Type.Optional(version), at: time, logIndex: Type.Integer() })),
  /** For the moves before these. */
  nextCursor: Type.Optional(Type.String()),
});
/** A channel with its history. */
export type ChannelDocument = Static<typeof ChannelDocumentSchema>;
