import { spawnSync } from 'node:child_process';
import type { ProcessIdentity } from '../ports.js';
import type { ProcessTable } from './table.js';

interface Row {
  readonly pid: number;
  readonly group: number;
  readonly startedAtMs: number;
}

/** `ps` shows start times in whole seconds, and a process starts a moment after it was asked for. */
const TOLERANCE_MS = 2_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const PS_TIMEOUT_MS = 10_000;

/** Systems without `/proc`: POSIX `ps`. It costs a process each time, so nothing here is on the path of a run that goes well. */
export function psTable(): ProcessTable {
  return {
    identify: (pid, startedAtMs) => ({ pid, start: `wall:${Math.round(startedAtMs)}` }),
    isAlive: (identity: ProcessIdentity) => {
      const at = Number(/^wall:(\d{1,16})$/.exec(identity.start)?.[1] ?? Number.NaN);
      return listRows().some(
        (row) => row.pid === identity.pid && Math.abs(row.startedAtMs - at) <= TOLERANCE_MS,
      );
    },
    groupMembers: (group) =>
      listRows()
        .filter((row) => row.group === group)
        .map((row) => row.pid),
    markedProcesses: () => [],
  };
}

function listRows(): readonly Row[] {
  const result = spawnSync('ps', ['-A', '-o', 'pid=,pgid=,stat=,lstart='], {
    env: { PATH: process.env['PATH'] ?? '/bin:/usr/bin', LC_ALL: 'C' },
    encoding: 'latin1',
    maxBuffer: MAX_OUTPUT_BYTES,
    timeout: PS_TIMEOUT_MS,
  });
  return parseRows(result.stdout);
}

/** Rows of `ps -o pid=,pgid=,stat=,lstart=` in the C locale, without zombies. */
export function parseRows(text: string): readonly Row[] {
  const rows: Row[] = [];
  for (const line of text.split('\n')) {
    const match = /^ *(\d+) +(\d+) +(\S+) +(.+)$/.exec(line);
    if (match === null || match[3]?.startsWith('Z') === true) continue;
    rows.push({
      pid: Number(match[1]),
      group: Number(match[2]),
      startedAtMs: Date.parse(match[4] ?? ''),
    });
  }
  return rows;
}
