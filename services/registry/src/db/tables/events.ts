import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely';
import type { EventDetail, EventTopic } from '../../domain/events/event.js';

type Id = GeneratedAlways<number>;
type CreatedAt = ColumnType<Date, never, never>;

/** One confirmed fact of a log. */
interface EventsTable {
  id: Id;
  /** Its place in the feed; null until it has one. */
  position: number | null;
  at: Date;
  topic: EventTopic;
  realm: string;
  log_index: number;
  namespace: string;
  workflow: string | null;
  version: string | null;
  detail: JSONColumnType<EventDetail>;
}

/** One row: how far the feed is numbered, handed to webhooks, and removed again. */
interface EventFeedTable {
  singleton: Generated<boolean>;
  numbered: Generated<number>;
  relayed: Generated<number>;
  pruned: Generated<number>;
}

/** A channel set to a version, or removed (without a version). */
interface ChannelMovesTable {
  id: Id;
  workflow_id: number;
  channel: string;
  version_id: number | null;
  moved_by: number | null;
  created_at: CreatedAt;
  log_index: number | null;
  moved_at: Date | null;
}

/** Where the channels that were set by hand point. */
interface ChannelsTable {
  workflow_id: number;
  channel: string;
  version_id: number;
  log_index: number;
  moved_at: Date;
}

interface WebhooksTable {
  id: string;
  /** Null for one that is told of every namespace. */
  namespace_id: number | null;
  url: string;
  /** Empty for all topics. */
  topics: string[];
  secret: Buffer;
  old_secret: Buffer | null;
  old_secret_until: Date | null;
  created_by: number | null;
  created_at: CreatedAt;
  /** It is told of the events after this position. */
  after_position: number;
  failing_since: Date | null;
  /** In a row, of whatever delivery. */
  failures: Generated<number>;
  /** Nothing is sent before. */
  paused_until: Date | null;
  disabled_at: Date | null;
  disabled_reason: string | null;
}

/** Who has ever made a webhook, sent it elsewhere, given it a secret or switched it on. */
interface WebhookDirectorsTable {
  webhook_id: string;
  user_id: number;
}

export type DeliveryState = 'pending' | 'delivered' | 'dead';

interface WebhookDeliveriesTable {
  id: string;
  webhook_id: string;
  position: number;
  state: Generated<DeliveryState>;
  attempts: Generated<number>;
  created_at: CreatedAt;
  next_at: Generated<Date>;
  finished_at: Date | null;
  status: number | null;
  error: string | null;
  response: Buffer | null;
  duration_ms: number | null;
}

interface JobsTable {
  name: string;
  next_at: Generated<Date>;
  succeeded_at: Date | null;
  failures: Generated<number>;
  last_error: string | null;
}

export interface EventTables {
  events: EventsTable;
  event_feed: EventFeedTable;
  channel_moves: ChannelMovesTable;
  channels: ChannelsTable;
  webhooks: WebhooksTable;
  webhook_directors: WebhookDirectorsTable;
  webhook_deliveries: WebhookDeliveriesTable;
  jobs: JobsTable;
}
