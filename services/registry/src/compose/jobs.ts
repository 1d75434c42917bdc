import { registryJobs, RELAY_JOB } from '../jobs/registry-jobs.js';
import { startJobs } from '../jobs/runner.js';
import { createWebhookSender } from '../jobs/webhooks/sender.js';
import type { Base } from './base.js';
import type { Closable } from './close-stack.js';

/** The jobs of the registry. Closing ends each between two units of its work. */
export function openJobs(base: Base): Closable {
  const { config, log, now, objects, database, observability, failpoint } = base;
  const { db } = database;
  const { metrics } = observability;
  const random = () => Math.random();
  const sender = createWebhookSender({ allow: config.jobs.webhookAllow, now });
  const { send } = sender;
  const jobs = registryJobs({
    db,
    objects,
    send,
    metrics,
    log,
    now,
    random,
    failpoint,
    config: config.jobs,
    kick: (name) => {
      runner.kick(name);
    },
  });
  const runner = startJobs({ db, metrics, log, now, random }, jobs);
  runner.kick(RELAY_JOB);
  return {
    close: async () => {
      await runner.stop();
      await sender.close();
    },
  };
}
