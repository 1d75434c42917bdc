import type { Db } from '../db/connection.js';
import { queueStates } from '../db/queue-queries.js';
import type { Metrics } from './metrics.js';

/** Looks up what waits for the logs, by kind: names of private namespaces are nobody's labels. */
export async function measureQueues(db: Db, metrics: Metrics): Promise<void> {
  const states = await queueStates(db);
  for (const kind of ['public', 'private'] as const) {
    const state = states.find((candidate) => candidate.kind === kind);
    metrics.queue(kind, state?.waiting ?? 0, state?.oldestMs ?? 0);
  }
}
