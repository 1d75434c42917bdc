import { readdirSync, readFileSync } from 'node:fs';

/** What a clock tick of `/proc/<pid>/stat` is worth (Linux: always 100 a second). */
const TICK_MS = 10;

interface ProcessLine {
  readonly pid: number;
  readonly parent: number;
  /** Its own and that of its children that have ended. */
  readonly cpuMs: number;
}

/** A process and all that came of it, without the trees of `without`. */
export function treeOf(root: number, without: readonly number[] = []): readonly number[] {
  const children = new Map<number, number[]>();
  for (const { pid, parent } of allProcesses()) children.set(parent, [...(children.get(parent) ?? []), pid]);
  const found: number[] = [];
  const visit = (pid: number): void => {
    if (without.includes(pid)) return;
    found.push(pid);
    for (const child of children.get(pid) ?? []) visit(child);
  };
  visit(root);
  return found;
}

/** Processor time in ms that the processes have used so far, in all their threads and in children that have ended. */
export function cpuMsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (findProcess(pid)?.cpuMs ?? 0), 0);
}

/** Resident memory in MB (10^6 bytes), pages that several of the processes share counted for each of them. */
export function rssMbOf(pids: readonly number[]): number {
  let kib = 0;
  for (const pid of pids) kib += Number(/^VmRSS:\s+(\d+) kB$/m.exec(findText(pid, 'status'))?.[1] ?? 0);
  return (kib * 1024) / 1e6;
}

function allProcesses(): readonly ProcessLine[] {
  return readdirSync('/proc').flatMap((name) => {
    const found = /^\d+$/.test(name) ? findProcess(Number(name)) : undefined;
    return found === undefined ? [] : [found];
  });
}

function findProcess(pid: number): ProcessLine | undefined {
  const stat = findText(pid, 'stat');
  if (stat === '') return undefined;
  // The second field is the name in brackets, and may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
  return { pid, parent: Number(fields[1]), cpuMs: ticks * TICK_MS };
}

/** Empty for a process that has ended. */
function findText(pid: number, file: 'stat' | 'status'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
