import type { Db } from '../../db/connection.js';
import { numberEvents } from '../../db/event-queries.js';
import { relayEvents } from '../../db/delivery-queries.js';
import type { Job } from '../job.js';

/** Puts events in the feed and hands them to webhooks. `handedOn` is called when there may be something to deliver. */
export function relayJob({ db, handedOn }: { readonly db: Db; readonly handedOn: () => void }): Job {
  return {
    name: 'event-relay',
    everyMs: 1_000,
    run: async (signal) => {
      let hasMoved = false;
      for (;;) {
        const { waiting, numbered, relayed } = await numberEvents(db);
        const isBehind = relayed < numbered;
        const hasMore = isBehind && (await relayEvents(db));
        hasMoved ||= isBehind;
        if (signal.aborted || (!hasMore && !waiting)) break;
      }
      if (hasMoved) handedOn();
      return undefined;
    },
  };
}
