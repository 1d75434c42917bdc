import type { EventList } from '@sheaf/client/contract';
import type { Db } from '../../db/connection.js';
import { eventsBetween, numberEvents, type EventFilter } from '../../db/event-queries.js';
import { RegistryError } from '../error.js';
import { toEvent } from './document.js';
import type { EventWaker } from './waker.js';

export interface FeedDeps {
  readonly db: Db;
  readonly events: Pick<EventWaker, 'wait'>;
  readonly elapsedMs: () => number;
}

export interface FeedQuery extends EventFilter {
  /** Position to go on after; 0 for the oldest event that is there. */
  readonly after: number;
  readonly limit: number;
  /** How long to wait for an event when there is none. */
  readonly waitMs: number;
  /** Aborted when nobody waits for the answer any more. */
  readonly gone: AbortSignal;
  /** Of the reader: not all who wait may be of one. */
  readonly network: string;
}

/** So many positions are looked at for one answer, whatever the filter lets through. */
const WINDOW = 5_000;

/**
 * The events after a position, in their order. Whoever goes on with `next` of the last answer misses none and gets none
 * twice, however many write meanwhile.
 *
 * @throws RegistryError `events.cursor_unknown` for one that was removed, or of another feed
 */
export async function readFeed(deps: FeedDeps, query: FeedQuery): Promise<EventList> {
  const untilMs = deps.elapsedMs() + query.waitMs;
  for (;;) {
    const head = await numberEvents(deps.db);
    const list = await readOnce(deps.db, query, head);
    const leftMs = untilMs - deps.elapsedMs();
    const isDone = list.events.length > 0 || list.more || leftMs <= 0 || query.gone.aborted;
    if (isDone) return list;
    // Let go without having waited: the service stops, or too many wait.
    if (!(await deps.events.wait(head.numbered, leftMs, query))) return list;
  }
}

async function readOnce(
  db: Db,
  query: FeedQuery,
  head: { readonly numbered: number; readonly pruned: number; readonly waiting: boolean },
): Promise<EventList> {
  const { after, limit } = query;
  if (after > head.numbered)
    throw new RegistryError('events.cursor_unknown', `the feed ends at ${head.numbered}`);
  if (after !== 0 && after < head.pruned)
    throw new RegistryError('events.cursor_unknown', `the feed begins after ${head.pruned}`);
  const start = Math.max(after, head.pruned);
  const upTo = Math.min(head.numbered, start + WINDOW);
  const rows = await eventsBetween(db, { after: start, upTo, limit }, query);
  const last = rows.length === limit ? rows.at(-1)?.position : undefined;
  const next = last ?? upTo;
  return { events: rows.map(toEvent), next: String(next), more: next < head.numbered || head.waiting };
}
