import { measureQueues } from '../observability/queue-gauges.js';
import type { Base } from './base.js';
import { openJobs } from './jobs.js';
import { createCloseStack, type Closable } from './close-stack.js';

/** The work that nobody waits for: the sweeps of the logs and the jobs. Closing lets what is in progress end. */
export async function openTending(base: Base): Promise<Closable> {
  const { logs, observability, database } = base;
  const stack = createCloseStack();
  const { prometheus, metrics } = observability;
  prometheus.onSnapshot(() => measureQueues(database.db, metrics));
  await logs.startSweeping();
  if (base.config.jobs.isOn) stack.add(openJobs(base));
  return { close: () => stack.close() };
}
