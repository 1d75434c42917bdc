import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessIdentity } from '../ports.js';
import { readProc } from './proc-file.js';
import type { ProcessTable } from './table.js';

interface Stat {
  readonly alive: boolean;
  readonly parent: number;
  readonly group: number;
  /** Clock ticks since boot. */
  readonly start: string;
}

/** Linux: the `/proc` file system (proc(5)). Start times are ticks since boot, so the boot is part of an identity. */
export function procTable(): ProcessTable {
  const boot = readProc('/proc/sys/kernel/random/boot_id')?.trim();
  const startOf = (stat: Stat): string => `linux:${boot ?? ''}:${stat.start}`;
  return {
    identify: (pid) => {
      const stat = readStat(pid);
      return stat === undefined || boot === undefined ? undefined : { pid, start: startOf(stat) };
    },
    isAlive: (identity: ProcessIdentity) => {
      const stat = readStat(identity.pid);
      return stat?.alive === true && startOf(stat) === identity.start;
    },
    groupMembers: (group) =>
      listPids().filter((pid) => {
        const stat = readStat(pid);
        return stat?.alive === true && stat.group === group;
      }),
    markedProcesses: (runId, step) => {
      const own = ancestors();
      return listPids().filter((pid) => !own.has(pid) && isMarked(pid, runId, step));
    },
  };
}

function isMarked(pid: number, runId: string, step: string): boolean {
  // Another user's environment cannot be read, and a zombie's is empty: both are not marked.
  const environment = `\0${readText(`/proc/${pid}/environ`) ?? ''}`;
  return environment.includes(`\0SHEAF_RUN_ID=${runId}\0`) && environment.includes(`\0SHEAF_STEP=${step}\0`);
}

/** A step may itself call sheaf: what it asks must not end the asker. */
function ancestors(): ReadonlySet<number> {
  const found = new Set<number>();
  let pid = process.pid;
  while (pid > 0 && !found.has(pid)) {
    found.add(pid);
    pid = readStat(pid)?.parent ?? 0;
  }
  return found;
}

function readStat(pid: number): Stat | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The second field is the command in parentheses and may hold anything; state is field 3, start time field 22.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = 'X', parent = '0', group = '0'] = fields;
  return {
    alive: state !== 'Z' && state !== 'X',
    parent: Number(parent),
    group: Number(group),
    start: fields[19] ?? '',
  };
}

function listPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
