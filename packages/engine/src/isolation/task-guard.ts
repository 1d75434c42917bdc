import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readProc } from '../processes/proc-file.js';

const LOOK_MS = 100;

/**
 * Ends a sandbox that has more than so many processes. The kernel does not count those of root, so it is for root alone, who is
 * the user in most containers. Cheap while nothing happens: one line of `/proc` is read. What it returns ends the watch.
 *
 * @param pid of bwrap outside
 */
export function guardTasks(pid: number, maxTasks: number, end: () => void): () => void {
  const before = countTasks();
  // Tasks of the machine that come anew before it is looked whose they are.
  const suspicious = maxTasks / 2;
  const timer = setInterval(() => {
    if (countTasks() - before < suspicious || countInside(pid) <= maxTasks) return;
    clearInterval(timer);
    end();
  }, LOOK_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/** Processes and threads of the machine (proc_loadavg(5): the fourth field). */
function countTasks(): number {
  return Number(/\d+\/(\d+)/.exec(readProc('/proc/loadavg') ?? '')?.[1] ?? 0);
}

/** Processes in the namespace that the child of bwrap is the first of. */
function countInside(pid: number): number {
  const [first] = childrenOf(pid);
  const inside = first === undefined ? undefined : namespaceOf(first);
  if (inside === undefined || inside === namespaceOf(process.pid)) return 0;
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && namespaceOf(Number(name)) === inside)
    .length;
}

function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}
