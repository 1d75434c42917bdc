import type { ProcessIdentity } from '../core/events.js';
import type { Ids, ProcessRunner, Time } from '../ports.js';
import type { ProtectionDeps } from '../isolation/protection.js';
import type { ActionPort } from './action-port.js';
import type { Leases, StepCache } from './attempt-port.js';
import type { RunStore } from '../stores/sqlite/run-store.js';

/** All that running needs of the machine. */
export interface Runtime {
  readonly store: RunStore;
  readonly runner: ProcessRunner;
  readonly ids: Ids;
  readonly time: Time;
  readonly actions: ActionPort;
  readonly cache: StepCache;
  readonly protection: ProtectionDeps;
  readonly leases: Leases;
  readonly graceMs: number;
  readonly runDir: (runId: string) => string;
  /** This process, as the owner of what it runs. */
  readonly owner: ProcessIdentity;
  readonly isAlive: (identity: ProcessIdentity) => boolean;
  readonly makeRunDir: (runId: string) => void;
  /** Gives a run the log that a step of another run has written, where there is one. */
  readonly keepLog: (from: string, to: string, step: string) => void;
  readonly inherited: Readonly<Record<string, string>>;
  readonly defaultParallel: number;
}
