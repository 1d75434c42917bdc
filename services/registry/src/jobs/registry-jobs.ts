import type { Logger } from 'pino';
import type { JobsConfig } from '../config/jobs.js';
import {
  deleteEndedTokens,
  deleteExpiredStages,
  deleteOldDeliveries,
  deleteOldEvents,
  deleteOldOutbox,
  REMOVED_AT_ONCE,
} from '../db/cleanup-queries.js';
import type { Db } from '../db/connection.js';
import { pruneTrusted } from '../db/ephemeral-queries.js';
import { deleteExpiredInvitations } from '../db/invitation-queries.js';
import { deleteExpiredSessions } from '../db/session-queries.js';
import { forgetOldSecrets } from '../db/webhook-queries.js';
import { searchJobs } from '../domain/search/jobs.js';
import type { SendWebhook } from '../domain/webhooks/send.js';
import { sweepJob } from '../gc/sweep-job.js';
import type { Failpoint } from '../domain/failpoint.js';
import type { ObjectStore } from '../objects/port.js';
import type { Metrics } from '../observability/metrics.js';
import type { Tracer } from '../observability/tracer.js';
import { removalJob } from './cleanup.js';
import type { Job } from './job.js';
import { PULSE_JOB } from './runs.js';
import { deliverJob } from './webhooks/deliver.js';
import { relayJob } from './webhooks/relay.js';

export interface RegistryJobsDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly send: SendWebhook;
  readonly metrics: Metrics;
  readonly tracer?: Tracer;
  readonly log: Logger;
  readonly now: () => number;
  readonly elapsedMs: () => number;
  readonly random: () => number;
  readonly failpoint?: Failpoint | undefined;
  readonly config: Pick<JobsConfig, 'eventDays' | 'deliveryDays'>;
  /** Has another job run soon. */
  readonly kick: (name: string) => void;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const RELAY_JOB = 'event-relay';
export const DELIVERY_JOB = 'webhook-deliveries';

/** All work that nobody waits for. */
export function registryJobs(deps: RegistryJobsDeps): readonly Job[] {
  const { db, now, config } = deps;
  const date = () => new Date(now());
  return [
    relayJob({
      db,
      handedOn: () => {
        deps.kick(DELIVERY_JOB);
      },
    }),
    deliverJob(deps),
    ...searchJobs({ db }),
    removalJob(PULSE_JOB, MINUTE_MS, [
      () => deleteExpiredSessions(db, date()),
      () => deleteExpiredInvitations(db, date()),
      () => pruneTrusted(db, date(), REMOVED_AT_ONCE),
      () => deleteExpiredStages(db),
      async () => {
        await forgetOldSecrets(db);
        return 0;
      },
    ]),
    removalJob('retention', HOUR_MS, [
      () => deleteOldDeliveries(db, config.deliveryDays),
      () => deleteOldEvents(db, config.eventDays),
      () => deleteOldOutbox(db),
      () => deleteEndedTokens(db),
    ]),
    sweepJob(deps),
  ];
}
