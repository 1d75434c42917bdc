import { readdir, rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findPidFile } from '../../src/postgres/pidfile.js';
import { findProcess } from '../../src/postgres/process.js';
import { keepPostgresRunning, type KeptReport } from '../../src/postgres/keep-running.js';
import { useServers } from './fixture.js';
import { query } from './query.js';

const servers = useServers('seeded');

async function keep(options: { readonly durable?: boolean; readonly portPatienceMs?: number } = {}) {
  const reports: KeptReport['type'][] = [];
  const errors: unknown[] = [];
  const kept = await keepPostgresRunning({
    dataDir: servers.dataDir(),
    durable: false,
    ...options,
    report: (report) => {
      reports.push(report.type);
      if ('error' in report) errors.push(report.error);
    },
  });
  return { kept, reports, errors };
}
const postmaster = async () => (await findPidFile(join(servers.dataDir(), 'postgres')))?.pid ?? 0;
const answers = (url: string) =>
  query(url, 'select 1 as one').then(
    (rows) => rows.length === 1,
    () => false,
  );

test('a server that is killed runs again under the same address, each time, with what was written', async () => {
  const { kept, reports } = await keep({ durable: true });
  await query(kept.url, 'create table note as select 42 as id');
  for (let kill = 1; kill <= 2; kill += 1) {
    const before = await postmaster();
    process.kill(before, 'SIGKILL');
    await expect.poll(() => reports.length, { timeout: 60_000 }).toBe(2 * kill);
    expect(await answers(kept.url)).toBe(true);
    expect(await postmaster()).not.toBe(before);
  }
  expect(reports).toEqual(['ended', 'runs_again', 'ended', 'runs_again']);
  expect(await query(kept.url, 'select id from note')).toEqual([{ id: 42 }]);
  const last = await postmaster();
  await kept.stop();
  expect(await findProcess(last)).toBeUndefined();
  expect(reports).toHaveLength(4);
});

test('one that was found running is kept running as well', async () => {
  const left = await servers.start();
  const { kept, reports } = await keep();
  expect(kept.url).toBe(left.url);
  process.kill(left.pid, 'SIGKILL');
  await expect.poll(() => reports, { timeout: 60_000 }).toEqual(['ended', 'runs_again']);
  expect(await answers(kept.url)).toBe(true);
  await kept.stop();
  await left.stop();
});

test('one that cannot start is tried until it can, and no longer than until it is told to stop', async () => {
  const { kept, reports } = await keep();
  const control = join(servers.dataDir(), 'postgres', 'global', 'pg_control');
  const killed = async () => {
    await rename(control, `${control}.away`);
    process.kill(await postmaster(), 'SIGKILL');
    const seen = reports.length;
    await expect.poll(() => reports.slice(seen + 1), { timeout: 60_000 }).toContain('start_failed');
  };
  await killed();
  await rename(`${control}.away`, control);
  await expect.poll(() => reports.at(-1), { timeout: 60_000 }).toBe('runs_again');
  expect(await answers(kept.url)).toBe(true);
  await killed();
  await kept.stop();
  const seen = reports.length;
  await rename(`${control}.away`, control);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(reports).toHaveLength(seen);
  expect(await answers(kept.url)).toBe(false);
});

test.each(['postgres', 'postgres-password'])(
  'one whose %s was moved away is waited for, and nothing is made in its place',
  async (name) => {
    const { kept, reports, errors } = await keep({ durable: true });
    await query(kept.url, 'create table note as select 42 as id');
    const path = join(servers.dataDir(), name);
    const pid = await postmaster();
    await rename(path, `${path}.away`);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => errors.length, { timeout: 60_000 }).toBeGreaterThan(1);
    expect(reports.slice(0, 3)).toEqual(['ended', 'start_failed', 'start_failed']);
    expect(errors[0]).toMatchObject({ code: 'datadir.unusable' });
    expect(await readdir(servers.dataDir())).not.toContain(name);
    await rename(`${path}.away`, path);
    await expect.poll(() => reports.at(-1), { timeout: 60_000 }).toBe('runs_again');
    expect(await query(kept.url, 'select id from note')).toEqual([{ id: 42 }]);
    await kept.stop();
  },
);

test('one in whose place lies another cluster is waited for', async () => {
  const { kept, reports, errors } = await keep({ durable: true });
  await query(kept.url.replace(/sheaf$/, 'postgres'), 'alter database sheaf rename to other');
  process.kill(await postmaster(), 'SIGKILL');
  await expect.poll(() => reports, { timeout: 60_000 }).toContain('start_failed');
  expect(errors[0]).toMatchObject({ code: 'datadir.unusable' });
  await kept.stop();
});

test('one whose port another process has taken is given up in the end', async () => {
  const { kept, reports } = await keep({ portPatienceMs: 500 });
  const cluster = join(servers.dataDir(), 'postgres');
  const pid = await postmaster();
  await rename(cluster, `${cluster}.away`);
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => reports, { timeout: 60_000 }).toContain('start_failed');
  const other = createServer();
  await new Promise<void>((resolve) => {
    other.listen(Number(new URL(kept.url).port), '127.0.0.1', resolve);
  });
  await rename(`${cluster}.away`, cluster);
  expect(await kept.lost).toMatchObject({
    code: 'postgres.port_taken',
    cause: { message: expect.stringContaining('could not create any TCP/IP sockets') as string },
  });
  expect(reports.at(-1)).toBe('lost');
  await kept.stop();
  other.close();
});
