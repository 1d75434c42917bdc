import type { RegistryEvent } from '@sheaf/client/contract';
import type { EventRow } from '../../db/event-queries.js';

/** An event as readers of the feed and receivers of webhooks see it; the same bytes each time it is rendered. */
export function toEvent(row: EventRow): RegistryEvent {
  return {
    id: String(row.position),
    topic: row.topic,
    at: row.at.toISOString(),
    realm: row.realm,
    logIndex: row.log_index,
    namespace: row.namespace,
    ...(row.workflow !== null && { name: row.workflow }),
    ...(row.version !== null && { version: row.version }),
    ...row.detail,
  };
}
