import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { inject } from 'vitest';
import type { Db } from '../../src/db/connection.js';

interface Mark {
  readonly pid: number;
  readonly what: 'begin' | 'end';
}

/** Lets processes run one job for a while, kills one of them in the middle of a run, and says what they did. */
export async function runJobsInChildren(db: Db, count: number, forMs: number) {
  await sql`create table job_marks (id bigint generated always as identity, pid int, what text, at timestamptz)`.execute(
    db,
  );
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(db);
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${rows[0]?.name ?? ''}`;
  const children = await Promise.all(Array.from({ length: count }, () => startChild(url.href)));
  try {
    await sleep(forMs);
    const killed = await killWhileRunning(db, children);
    const sofar = (await marks(db)).length;
    await sleep(forMs);
    const all = await marks(db);
    return {
      overlaps: countOverlaps(all, killed),
      runsOf: children.map(
        ({ pid }) => all.filter((mark) => mark.pid === pid && mark.what === 'begin').length,
      ),
      lateRuns: all.slice(sofar).filter(({ what }) => what === 'begin').length,
    };
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

async function startChild(url: string): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@sheaf/source',
      '--import',
      'tsx',
      fileURLToPath(new URL('./job-child.ts', import.meta.url)),
      url,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('the process ended'))),
  ]);
  return child;
}

async function marks(db: Db): Promise<readonly Mark[]> {
  return (await sql<Mark>`select pid, what from job_marks order by at, id`.execute(db)).rows;
}

async function killWhileRunning(db: Db, children: readonly ChildProcess[]): Promise<number> {
  for (const endMs = Date.now() + 20_000; Date.now() < endMs;) {
    const last = (await marks(db)).at(-1);
    const child = children.find(({ pid }) => pid === last?.pid);
    if (last?.what === 'begin' && child?.pid !== undefined) {
      child.kill('SIGKILL');
      await once(child, 'exit');
      return child.pid;
    }
    await sleep(3);
  }
  throw new Error('no process was in the middle of a run');
}

/** How often a run began before the one before it had ended; the one that was killed never ends. */
function countOverlaps(all: readonly Mark[], killed: number): number {
  let running: number | undefined;
  let overlaps = 0;
  for (const { pid, what } of all) {
    if (what === 'begin') {
      if (running !== undefined && running !== killed) overlaps += 1;
      running = pid;
    } else if (running === pid) running = undefined;
  }
  return overlaps;
}
