import type { ProcessHandle, ProcessOutcome, ProcessRunner, ProcessSpec, Time } from '../ports.js';

/** What a process does: end after some time, or go on until it is stopped. */
export type TimedBehaviour =
  { readonly exitCode?: number; readonly stdout?: string; readonly durationMs?: number } | 'hang';

export interface TimedRunner extends ProcessRunner {
  /** In the order they were started, with the times of `time`. */
  readonly ran: readonly { readonly spec: ProcessSpec; readonly from: number; to: number }[];
  /** The most processes that were alive at once, of all or of those that are counted. */
  peak(counts?: (step: string) => boolean): number;
}

/** A process runner without processes, whose processes take time of a clock that a test has. */
export function timedRunner(time: Time, behave: (spec: ProcessSpec) => TimedBehaviour): TimedRunner {
  const ran: { readonly spec: ProcessSpec; readonly from: number; to: number }[] = [];
  return {
    ran,
    peak: (counts = () => true) => peakOf(ran.filter(({ spec }) => counts(spec.step))),
    reap: () => Promise.resolve(),
    start: (spec) => {
      const entry = { spec, from: time.now(), to: Number.POSITIVE_INFINITY };
      ran.push(entry);
      let end: (outcome: Omit<ProcessOutcome, 'durationMs'>) => void = () => undefined;
      const done = new Promise<ProcessOutcome>((resolve) => {
        end = (outcome) => {
          if (entry.to !== Number.POSITIVE_INFINITY) return;
          entry.to = time.now();
          resolve({ durationMs: entry.to - entry.from, ...outcome });
        };
      });
      const behaviour = behave(spec);
      if (behaviour !== 'hang') {
        const { exitCode = 0, stdout = '', durationMs = 1 } = behaviour;
        time.after(durationMs, () => {
          end({ exitCode, stdout });
        });
      }
      if (spec.timeoutMs !== undefined) {
        time.after(spec.timeoutMs, () => {
          end({ signal: 'SIGTERM', stopped: 'timeout', stdout: '' });
        });
      }
      const stop = (): void => {
        end({ signal: 'SIGTERM', stopped: 'request', stdout: '' });
      };
      const handle: ProcessHandle = {
        identity: { pid: ran.length, start: 'timed' },
        done,
        stop,
        kill: stop,
      };
      return handle;
    },
  };
}

function peakOf(ran: readonly { readonly from: number; readonly to: number }[]): number {
  const changes = ran.flatMap(({ from, to }) => [
    { at: from, change: 1 },
    { at: to, change: -1 },
  ]);
  changes.sort((a, b) => a.at - b.at || a.change - b.change);
  let alive = 0;
  let peak = 0;
  for (const { change } of changes) {
    alive += change;
    peak = Math.max(peak, alive);
  }
  return peak;
}
