import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { pino } from 'pino';
import { connectDatabase } from '../../src/db/connection.js';
import { noMetrics } from '../../src/observability/metrics.js';
import { startJobs } from '../../src/jobs/runner.js';

/** A process that runs one job as often as it gets the lock; the job writes down when it began and ended. */
const [url = ''] = process.argv.slice(2);
const db = connectDatabase({ url, maxConnections: 3, onConnectionError: () => undefined });
startJobs(
  {
    db,
    metrics: noMetrics,
    log: pino({ level: 'silent' }),
    elapsedMs: () => performance.now(),
    random: () => Math.random(),
  },
  [
    {
      name: 'child',
      everyMs: 1,
      run: async () => {
        await sql`insert into job_marks (pid, what, at) values (${process.pid}, 'begin', clock_timestamp())`.execute(
          db,
        );
        await sleep(30);
        await sql`insert into job_marks (pid, what, at) values (${process.pid}, 'end', clock_timestamp())`.execute(
          db,
        );
        return undefined;
      },
    },
  ],
);
process.stdout.write('ready\n');
