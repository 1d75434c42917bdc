import type { ProcessHandle, ProcessOutcome, ProcessRunner, ProcessSpec } from '../ports.js';

/** What a fake process does: end with a code after saying something, or go on until it is stopped. */
export type FakeBehaviour = { readonly exitCode: number; readonly stdout?: string } | 'hang';

export interface FakeRunner extends ProcessRunner {
  /** Specs in the order they were started. */
  readonly started: readonly ProcessSpec[];
  /** The most processes that were alive at once. */
  peak(): number;
}

/**
 * A process runner without processes, for tests: it keeps the promises of the port (the contract suite runs on it) and ends
 * the living in the order that `pick` says.
 */
export function fakeRunner(
  behave: (spec: ProcessSpec) => FakeBehaviour,
  pick: (alive: number) => number = () => 0,
): FakeRunner {
  const started: ProcessSpec[] = [];
  const alive: { readonly finish: () => void }[] = [];
  let count = 0;
  let peak = 0;

  const endOne = (): void => {
    const [process] = alive.splice(pick(alive.length) % Math.max(1, alive.length), 1);
    process?.finish();
  };

  return {
    started,
    peak: () => peak,
    reap: () => Promise.resolve(),
    start: (spec, onOutput) => {
      started.push(spec);
      count += 1;
      peak = Math.max(peak, count);
      const behaviour = behave(spec);
      let settle: (outcome: Omit<ProcessOutcome, 'durationMs'>) => void = () => undefined;
      const done = new Promise<ProcessOutcome>((resolve) => {
        let ended = false;
        settle = (outcome) => {
          if (ended) return;
          ended = true;
          count -= 1;
          resolve({ durationMs: 1, ...outcome });
        };
      });
      if (behaviour !== 'hang') {
        const { exitCode, stdout = '' } = behaviour;
        alive.push({
          finish: () => {
            void Promise.resolve(
              stdout === '' ? undefined : onOutput?.(spec.step, 'stdout', new TextEncoder().encode(stdout)),
            ).then(() => {
              settle({ exitCode, stdout });
            });
          },
        });
        setImmediate(endOne);
      } else if (spec.timeoutMs !== undefined) {
        setImmediate(() => {
          settle({ signal: 'SIGTERM', stopped: 'timeout', stdout: '' });
        });
      }
      const end = (signal: string): void => {
        settle({ signal, stopped: 'request', stdout: '' });
      };
      const handle: ProcessHandle = {
        identity: { pid: started.length, start: 'fake' },
        done,
        stop: () => {
          end('SIGTERM');
        },
        kill: () => {
          end('SIGKILL');
        },
      };
      return handle;
    },
  };
}
