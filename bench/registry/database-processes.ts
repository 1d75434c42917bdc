import { readdirSync, readFileSync } from 'node:fs';

/** What a clock tick of `/proc/<pid>/stat` is worth (Linux: always 100 a second). */
const TICK_MS = 10;

/**
 * Processor time that the private database of a data folder has used: its server, the processes that it runs, and those that
 * have ended. Linux only.
 */
export function cpuMsOfDatabase(dataDir: string): number {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const server = pids.find((pid) => {
    const args = read(pid, 'cmdline').split('\0');
    return args.some((arg, i) => args[i - 1] === '-D' && arg.startsWith(`${dataDir}/`));
  });
  if (server === undefined) return Number.NaN;
  let ticks = statOf(server).ended;
  for (const pid of pids) {
    const { parent, own } = statOf(pid);
    if (pid === server || parent === server) ticks += own;
  }
  return ticks * TICK_MS;
}

interface Stat {
  readonly parent: number;
  /** Ticks of its own, and those of the processes that it began and that have ended. */
  readonly own: number;
  readonly ended: number;
}

function statOf(pid: number): Stat {
  const stat = read(pid, 'stat');
  // The second field is the name in brackets, and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const at = (index: number) => Number(fields[index] ?? 0);
  return { parent: at(1), own: at(11) + at(12), ended: at(13) + at(14) };
}

/** Empty for a process that has ended meanwhile. */
function read(pid: number, file: 'cmdline' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
