import type { ChildProcess } from 'node:child_process';
import type { SandboxInfo } from '../isolation/sandbox-info.js';
import type { ProcessOutcome } from '../ports.js';
import type { Pump } from './deliver.js';
import { KILL_PATIENCE_MS, isGroupAlive, sendSignal, watchSandbox } from './group.js';
import type { ProcessTable } from './table.js';

/** At first, and at most. */
const POLL_MS = { first: 1, most: 10 };

export interface LifeOptions {
  readonly table: ProcessTable;
  /** Between TERM and KILL. */
  readonly graceMs: number;
  /** How long, after the process ended, what it left may still write before it is stopped. */
  readonly drainMs: number;
  /** Around the process, where there is one. */
  readonly sandbox: SandboxInfo | undefined;
}

type StopReason = NonNullable<ProcessOutcome['stopped']>;
type LifeEnd = Pick<ProcessOutcome, 'exitCode' | 'signal' | 'stopped'>;

/** A process that is followed. */
export interface Life {
  readonly ended: Promise<LifeEnd>;
  terminate(why: StopReason | 'left_over'): void;
  killGroup(): void;
}

/** Follows a process from its first breath to the end of its group and of its pipes. */
export function watchLife(
  child: ChildProcess,
  pid: number,
  options: LifeOptions,
  pump: Readonly<Pump>,
): Life {
  let stopped: LifeEnd['stopped'];
  let exited = false;
  let groupGone = false;
  let termed = false;
  const timers: NodeJS.Timeout[] = [];
  const after = (delayMs: number, act: () => void): void => {
    timers.push(setTimeout(act, delayMs));
  };
  const signalGroup = (signal: NodeJS.Signals): void => {
    // Once the group was seen empty its number may belong to others.
    if (!groupGone) groupGone = !sendSignal(-pid, signal);
  };
  const killGroup = (): void => {
    signalGroup('SIGKILL');
    dropPipesWhenIdle();
  };
  // Who still holds a pipe now left the group on purpose; but a listener that is merely slow must get everything.
  const dropPipesWhenIdle = (): void => {
    const before = pump.chunks;
    after(options.drainMs, () => {
      if (pump.held > 0 || pump.chunks > before) dropPipesWhenIdle();
      else dropPipes();
    });
  };
  const dropPipes = (): void => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const terminate = (why: StopReason | 'left_over'): void => {
    if (!exited && why !== 'left_over') stopped ??= why;
    if (termed) return;
    termed = true;
    signalGroup('SIGTERM');
    after(options.graceMs, killGroup);
  };

  const ended = new Promise<LifeEnd>((resolve) => {
    child.once('exit', () => {
      exited = true;
      groupGone = !sendSignal(-pid, 0);
      after(options.drainMs, () => {
        terminate('left_over');
      });
    });
    child.once('close', (exitCode, signal) => {
      void endGroup().then(() => {
        for (const timer of timers) clearTimeout(timer);
        resolve({
          ...(exitCode === null ? {} : { exitCode }),
          ...(signal === null ? {} : { signal }),
          ...(stopped === undefined ? {} : { stopped }),
        });
      });
    });
  });

  /** Members without a pipe of ours: nothing says when they end, so this looks. */
  async function endGroup(): Promise<void> {
    const deadline = performance.now() + options.graceMs + options.drainMs;
    let pollMs = POLL_MS.first;
    const { table, sandbox } = options;
    const isAlive =
      sandbox === undefined || groupGone
        ? () => isGroupAlive(table, pid)
        : watchSandbox(table, pid, sandbox.findFirst());
    while (!groupGone && isAlive()) {
      terminate('left_over');
      if (performance.now() > deadline) signalGroup('SIGKILL');
      // A process in an uninterruptible sleep ends when its device answers; the step does not wait for that.
      if (performance.now() > deadline + KILL_PATIENCE_MS) break;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      pollMs = Math.min(2 * pollMs, POLL_MS.most);
    }
    groupGone = true;
  }

  return { ended, terminate, killGroup };
}
