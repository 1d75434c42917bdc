import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from './servers/debian-program.js';
import type { Server } from './servers/server.js';

const ATTACH_MS = 700;
const DETACH_TIMEOUT_MS = 5_000;

/**
 * How often a server and its database ask the disk to keep what was written, while something runs. Tracing slows them
 * down, so nothing else is measured meanwhile. Undefined where `strace` is missing or may not look.
 */
export async function countSyncs(server: Server, run: () => Promise<void>): Promise<number | undefined> {
  const strace = await findProgram('strace');
  if (strace === undefined) return undefined;
  const pids = [...server.servicePids(), ...server.databasePids()];
  const child = spawn(
    strace,
    ['-f', '-qq', '-c', '-e', 'trace=fsync,fdatasync', ...pids.flatMap((pid) => ['-p', String(pid)])],
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const ended = once(child, 'exit').catch(() => undefined);
  try {
    await sleep(ATTACH_MS);
    if (child.exitCode !== null) return undefined;
    await run();
  } finally {
    child.kill('SIGINT');
    const timer = setTimeout(() => child.kill('SIGKILL'), DETACH_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }
  return countCalls(printed);
}

/** The calls in the summary of `strace -c`; 0 for an empty one. */
export function countCalls(summary: string): number {
  let calls = 0;
  for (const line of summary.split('\n')) {
    const columns = line.trim().split(/\s+/);
    const name = columns.at(-1);
    // % time, seconds, usecs/call, calls, errors (where there were any), name
    if (name === 'fsync' || name === 'fdatasync') calls += Number(columns[3]);
  }
  return calls;
}
