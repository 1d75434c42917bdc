import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PS_TIMEOUT_MS = 5000;
const END_POLL_MS = 1000;

/**
 * A process, told apart from a later one that got the same id: `started` is an opaque text, equal only for the same process
 * since the same boot, and empty where the system does not say.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly started: string;
}

/** The identity of a living process, or undefined when there is none with this id. A zombie counts as dead. */
export async function findProcess(pid: number): Promise<ProcessIdentity | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0 || !hasProcessId(pid)) return undefined;
  if (process.platform === 'linux') return findLinuxProcess(pid);
  if (process.platform === 'win32') return { pid, started: '' };
  const started = await ps(pid, 'lstart');
  return started === '' ? undefined : { pid, started };
}

/** Whether that very process still lives. A start that either side does not know does not tell two processes apart. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await findProcess(identity.pid);
  if (now === undefined) return false;
  return now.started === '' || identity.started === '' || now.started === identity.started;
}

export interface EndDeps {
  readonly isAlive: (identity: ProcessIdentity) => Promise<boolean>;
  readonly hasProcessId: (pid: number) => boolean;
  /** Resolves when it is time for another look. */
  readonly pause: () => Promise<void>;
}

/**
 * Resolves some time after the process is gone; it need not be a child of this one, and keeps no other process running. Where
 * the id is still known, as that of another process or of a dead one, one look is not believed: a system that is short of
 * files or processes may not have said all.
 */
export async function whenEnded(
  identity: ProcessIdentity,
  { isAlive, hasProcessId, pause }: EndDeps = LOOKS,
): Promise<void> {
  for (let missed = 0; missed < 2;) {
    await pause();
    if (await isAlive(identity)) missed = 0;
    else missed += hasProcessId(identity.pid) ? 1 : 2;
  }
}

const LOOKS: EndDeps = {
  isAlive,
  hasProcessId,
  pause: () => sleep(END_POLL_MS, undefined, { ref: false }),
};

/** What the system says about the columns of one process, trimmed; empty when it knows no such process. */
export async function ps(pid: number, column: 'lstart' | 'command'): Promise<string> {
  try {
    const { stdout } = await run('ps', ['-ww', '-o', `${column}=`, '-p', String(pid)], {
      timeout: PS_TIMEOUT_MS,
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
    });
    return stdout.trim();
  } catch {
    return '';
  }
}

/**
 * The state letter and the start, in clock ticks since boot, out of `/proc/<pid>/stat` (proc(5), fields 3 and 22). The
 * second field, the name in brackets, may itself hold spaces and brackets.
 */
export function parseLinuxStat(
  stat: string,
): { readonly state: string; readonly startTicks: string } | undefined {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(' ');
  const state = fields[0];
  const startTicks = fields[19];
  if (state === undefined || startTicks === undefined || !/^\d+$/.test(startTicks)) return undefined;
  return { state, startTicks };
}

async function findLinuxProcess(pid: number): Promise<ProcessIdentity | undefined> {
  let text: string;
  try {
    text = await readFile(`/proc/${pid}/stat`, 'latin1');
  } catch {
    // Gone since, or hidden from us (hidepid): only the second is still there.
    return hasProcessId(pid) ? { pid, started: '' } : undefined;
  }
  const stat = parseLinuxStat(text);
  if (stat === undefined) return { pid, started: '' };
  if (stat.state === 'Z' || stat.state === 'X') return undefined;
  return { pid, started: `${await bootId()}:${stat.startTicks}` };
}

async function bootId(): Promise<string> {
  return readFile('/proc/sys/kernel/random/boot_id', 'latin1').then(
    (text) => text.trim(),
    () => '',
  );
}

/** Whether the system knows the id, be it that of a process that is dead and that its parent has not heard of yet. */
export function hasProcessId(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
