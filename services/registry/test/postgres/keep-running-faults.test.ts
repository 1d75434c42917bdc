import { expect, test } from 'vitest';
import type { EmbeddedPostgres } from '../../src/postgres/embedded.js';
import { PostgresError } from '../../src/postgres/errors.js';
import { keepPostgresRunning, type KeptReport } from '../../src/postgres/keep-running.js';

interface FakeServer {
  readonly started: EmbeddedPostgres;
  readonly end: () => void;
  readonly stops: () => number;
}

function fakeServer(stop: () => Promise<void> = () => Promise.resolve()): FakeServer {
  let stops = 0;
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const started: EmbeddedPostgres = {
    url: 'postgres://127.0.0.1:4/sheaf',
    password: 'secret',
    pid: 1,
    port: 4,
    ended,
    reused: false,
    stop: () => {
      stops += 1;
      return stop();
    },
  };
  return { started, end, stops: () => stops };
}

/** Keeps servers running that come, or fail to, as the list says; the last of it comes again and again. */
async function keep(outcomes: readonly (FakeServer | PostgresError)[], portPatienceMs = 60_000) {
  const reports: KeptReport[] = [];
  let starts = 0;
  const start = (): Promise<EmbeddedPostgres> => {
    const outcome = outcomes[Math.min(starts, outcomes.length - 1)];
    starts += 1;
    if (outcome === undefined || outcome instanceof PostgresError) return Promise.reject(outcome ?? taken);
    return Promise.resolve(outcome.started);
  };
  const options = {
    dataDir: '/nowhere',
    portPatienceMs,
    report: (report: KeptReport) => reports.push(report),
  };
  const kept = await keepPostgresRunning(options, { start });
  return { kept, reports, types: () => reports.map(({ type }) => type) };
}

const taken = new PostgresError('postgres.port_taken', 'taken');
const broken = new PostgresError('postgres.start_failed', 'broken');

test('one that seemed to have ended and does not stop is looked for again, and the next is stopped', async () => {
  const first = fakeServer(() => Promise.reject(new PostgresError('postgres.stop_failed', 'it lives')));
  const second = fakeServer();
  const third = fakeServer();
  const { kept, types } = await keep([first, second, third]);
  first.end();
  await expect.poll(types).toEqual(['ended', 'stop_failed', 'runs_again']);
  second.end();
  await expect.poll(types).toEqual(['ended', 'stop_failed', 'runs_again', 'ended', 'runs_again']);
  await kept.stop();
  expect(third.stops()).toBe(1);
});

test('one whose port another process keeps is given up in the end', async () => {
  const first = fakeServer();
  const { kept, reports, types } = await keep([first, taken], 200);
  first.end();
  const error = await kept.lost;
  expect(error).toMatchObject({ code: 'postgres.port_taken', cause: taken });
  expect(error.message).toBe('another process has port 4, on which the private database was');
  expect(types().slice(0, 2)).toEqual(['ended', 'start_failed']);
  expect(reports.at(-1)).toEqual({ type: 'lost', error });
  const told = reports.length;
  await kept.stop();
  expect(reports).toHaveLength(told);
});

test('one that cannot start for something else between is not given up', async () => {
  const first = fakeServer();
  const second = fakeServer();
  const { kept, types } = await keep([first, taken, broken, taken, second], 350);
  first.end();
  await expect.poll(types, { timeout: 10_000 }).toContain('runs_again');
  expect(types()).not.toContain('lost');
  await kept.stop();
});
