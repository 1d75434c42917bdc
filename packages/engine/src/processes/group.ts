import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../errors.js';
import type { ProcessIdentity } from '../ports.js';
import type { ProcessTable } from './table.js';

const POLL_MS = 10;
/** Between TERM and KILL, where nobody says otherwise. */
export const DEFAULT_GRACE_MS = 5_000;
/** How long a process may take to vanish after KILL. */
export const KILL_PATIENCE_MS = 5_000;

/** Sends a signal to a process, or with a negative number to a group. False when there is none. */
export function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** True while a process of the group lives. Asks the kernel first, which is cheap, and the table only to tell zombies. */
export function isGroupAlive(table: ProcessTable, group: number): boolean {
  return sendSignal(-group, 0) && table.groupMembers(group).length > 0;
}

/**
 * Says as long as a sandbox lives, whose processes are a group. Its first process ends all others before it is gone itself, and none
 * comes after it (pid_namespaces(7)); where it is not known, all are looked for once.
 */
export function watchSandbox(table: ProcessTable, group: number, first: number | undefined): () => boolean {
  const pids =
    first === undefined && sendSignal(-group, 0) ? table.groupMembers(group) : [first ?? []].flat();
  const members = pids.flatMap((pid) => table.identify(pid, 0) ?? []);
  return () => sendSignal(-group, 0) && members.some((member) => table.isAlive(member));
}

/** What to end: the group its leader's identity proves, and whatever carries the mark of the run's step. */
export interface Leftover {
  readonly runId: string;
  readonly step: string;
  readonly process: ProcessIdentity | undefined;
}

/**
 * Ends what is left of a step: TERM, and after `graceMs` KILL, until nothing lives. A group without its leader is ended only
 * when a member carries the mark, because its number may by now belong to others. Throws EngineError `process.stuck`.
 */
export async function endLeftover(table: ProcessTable, leftover: Leftover, graceMs: number): Promise<void> {
  const began = performance.now();
  let termed = false;
  for (;;) {
    const targets = findLeftover(table, leftover);
    if (targets.length === 0) return;
    const waitedMs = performance.now() - began;
    if (waitedMs > graceMs + KILL_PATIENCE_MS) throw stuck(leftover, targets);
    if (!termed) for (const pid of targets) sendSignal(pid, 'SIGTERM');
    termed = true;
    if (waitedMs >= graceMs) for (const pid of targets) sendSignal(pid, 'SIGKILL');
    await sleep(POLL_MS);
  }
}

function findLeftover(table: ProcessTable, leftover: Leftover): readonly number[] {
  const marked = table.markedProcesses(leftover.runId, leftover.step);
  const leader = leftover.process;
  if (leader === undefined) return marked;
  const members = table.groupMembers(leader.pid);
  const proven = table.isAlive(leader) || members.some((pid) => marked.includes(pid));
  return proven ? [...new Set([...members, ...marked])] : marked;
}

function stuck(leftover: Leftover, targets: readonly number[]): EngineError {
  return new EngineError(
    'process.stuck',
    `step ${leftover.step} left a process that does not end (pid ${targets.join(', ')})`,
    {
      hint: 'end it by hand, then resume the run',
    },
  );
}
