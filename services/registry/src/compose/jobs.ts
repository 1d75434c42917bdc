import { registryJobs, RELAY_JOB } from '../jobs/registry-jobs.js';
import { startJobs } from '../jobs/runner.js';
import type { WebhookSender } from '../jobs/webhooks/sender.js';
import type { Base } from './base.js';
import type { Closable } from './close-stack.js';

/** The jobs of the registry. Closing ends each between two units of its work. */
export function openJobs(base: Base): Closable {
  const { config, log, now, elapsedMs, objects, database, observability, failpoint } = base;
  const { db } = database;
  const { metrics, tracer } = observability;
  const random = () => Math.random();
  // Most registries have nothing to send for a while: what it takes is loaded for the first message.
  let sender: Promise<WebhookSender> | undefined;
  const loadSender = async () => {
    const { createWebhookSender } = await import('../jobs/webhooks/sender.js');
    return createWebhookSender({ allow: config.jobs.webhookAllow, now });
  };
  const jobs = registryJobs({
    db,
    objects,
    send: async (message) => (await (sender ??= loadSender())).send(message),
    metrics,
    tracer,
    log,
    now,
    elapsedMs,
    random,
    failpoint,
    config: config.jobs,
    kick: (name) => {
      runner.kick(name);
    },
  });
  const runner = startJobs({ db, metrics, log, elapsedMs, random }, jobs);
  runner.kick(RELAY_JOB);
  return {
    close: async () => {
      await runner.stop();
      await (await sender)?.close();
    },
  };
}
