import type { ProcessIdentity } from '../ports.js';

/** What the engine must know about the processes of this machine. Zombies count as dead. */
export interface ProcessTable {
  /**
   * The identity of this process or of a child that was not waited for yet, even when it has already ended: its group may
   * live on. `startedAtMs`, since the epoch, is when it began.
   */
  identify(pid: number, startedAtMs: number): ProcessIdentity | undefined;
  /** True while that very process lives; false when its pid went to another. */
  isAlive(identity: ProcessIdentity): boolean;
  /** Living members of a process group. */
  groupMembers(group: number): readonly number[];
  /**
   * Living processes that carry the run and step in the environment they began with, whatever group they moved to; never this
   * process or its ancestors. Empty where the system does not show environments.
   */
  markedProcesses(runId: string, step: string): readonly number[];
}
