import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../src/jobs/job.js';
import { failingJobs } from '../../src/jobs/runs.js';
import { startJobs } from '../../src/jobs/runner.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { runJobsInChildren } from './job-children.js';

let registry: TestRegistry;

beforeAll(async () => {
  registry = await startTestRegistry();
});
afterAll(() => registry.close());

const silent = pino({ level: 'silent' });

function start(jobs: readonly Job[], metrics: string[] = []) {
  return startJobs(
    {
      db: registry.db,
      metrics: { job: (name, outcome) => metrics.push(`${name} ${outcome}`) },
      log: silent,
      elapsedMs: () => performance.now(),
      random: () => 0,
    },
    jobs,
  );
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + 10_000; Date.now() < endMs;) {
    if (await isTrue()) return;
    await sleep(10);
  }
  throw new Error('it did not come true');
}

describe('a job', () => {
  it('runs again after its time, and at once while there is more or when it is kicked', async () => {
    let runs = 0;
    const runner = start([
      {
        name: 'often',
        everyMs: 3_600_000,
        run: () => {
          runs += 1;
          return Promise.resolve({ more: runs < 3 });
        },
      },
    ]);
    await until(() => runs === 3);
    await sleep(100);
    expect(runs).toBe(3);
    runner.kick('often');
    await until(() => runs === 4);
    await runner.stop();
  });

  it('that throws is tried again, and everybody can see that it failed', async () => {
    const metrics: string[] = [];
    let runs = 0;
    let isBroken = true;
    const runner = start(
      [
        {
          name: 'broken',
          everyMs: 10,
          run: () => {
            runs += 1;
            return isBroken ? Promise.reject(new Error('no\nluck')) : Promise.resolve(undefined);
          },
        },
      ],
      metrics,
    );
    await until(() => runs === 2);
    await until(async () => (await failingJobs(registry.db)).some(({ failures }) => failures === 2));
    expect(await failingJobs(registry.db)).toEqual([{ name: 'broken', failures: 2, lastError: 'no' }]);
    expect(runner.health()).toEqual([{ name: 'broken', failures: 2, lastError: 'no' }]);
    expect(metrics.slice(0, 2)).toEqual(['broken error', 'broken error']);
    isBroken = false;
    await until(async () => (await failingJobs(registry.db)).length === 0);
    await until(() => metrics.at(-1) === 'broken ok');
    await runner.stop();
  });

  it('is told to stop and is waited for', async () => {
    let ended = false;
    const runner = start([
      {
        name: 'long',
        everyMs: 10,
        run: async (signal) => {
          while (!signal.aborted) await sleep(5);
          await sleep(100);
          ended = true;
          return undefined;
        },
      },
    ]);
    await sleep(100);
    await runner.stop();
    expect(ended).toBe(true);
  });

  it('runs beside many others without a warning of the runtime', async () => {
    const warnings: string[] = [];
    const note = ({ message }: Error) => void warnings.push(message);
    process.on('warning', note);
    let running = 0;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const runner = start(
      Array.from({ length: 12 }, (_, n) => ({
        name: `beside ${n}`,
        everyMs: 3_600_000,
        run: async () => {
          running += 1;
          await released;
        },
      })),
    );
    await until(() => running === 12);
    release();
    await runner.stop();
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('is told when the connection that held its lock is gone, and runs again', async () => {
    let aborted = 0;
    let runs = 0;
    const runner = start([
      {
        name: 'cut',
        everyMs: 10,
        run: async (signal) => {
          runs += 1;
          if (runs === 1) {
            await sql`
              select pg_terminate_backend(l.pid) from pg_locks l
              where l.locktype = 'advisory' and l.granted
                and l.database = (select oid from pg_database where datname = current_database())`.execute(
              registry.db,
            );
            await new Promise((resolve) => {
              signal.addEventListener('abort', resolve);
            });
            aborted += 1;
          }
          return undefined;
        },
      },
    ]);
    await until(() => aborted === 1 && runs > 1);
    await runner.stop();
  }, 30_000);

  it('never runs in two processes at once, and in the other one when a process is killed', async () => {
    const { overlaps, runsOf, lateRuns } = await runJobsInChildren(registry.db, 3, 3_000);
    expect(overlaps).toBe(0);
    expect(runsOf.reduce((sum, runs) => sum + runs, 0)).toBeGreaterThan(10);
    expect(lateRuns).toBeGreaterThan(0);
  }, 60_000);

  it('of an hour runs once in an hour, however many processes there are', async () => {
    let runs = 0;
    const hourly: Job = {
      name: 'hourly',
      everyMs: 3_600_000,
      run: () => {
        runs += 1;
        return Promise.resolve(undefined);
      },
    };
    const runners = Array.from({ length: 3 }, () => start([hourly]));
    await until(() => runs > 0);
    await sleep(500);
    const later = start([hourly]);
    await sleep(500);
    expect(runs).toBe(1);
    await Promise.all([...runners, later].map((runner) => runner.stop()));
  });
});
