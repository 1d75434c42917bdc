import type { ActionContext, ActionProcessEnd } from '../actions/action.js';
import type { Confine } from '../isolation/confine.js';
import type { ProcessHandle } from '../ports.js';
import type { AttemptContext, AttemptHooks } from './attempt-port.js';
import { maxTasksOf } from './hold-to-rules.js';

export interface ProcessPlace {
  readonly step: string;
  readonly attempt: number;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Those that live are in it. */
  readonly processes: Set<ProcessHandle>;
  readonly hooks: AttemptHooks;
  readonly confine: Confine | undefined;
  /** Is called before a process that is confined begins. */
  readonly onConfine: () => void;
}

/** Of standard error, what an error may quote. */
const TAIL_BYTES = 4 * 1024;

/** Starts processes for an action: each is marked as the step's, so that it is found and ended after a crash. */
export function createActionProcesses(
  { runner, runId, protection, state }: Pick<AttemptContext, 'runner' | 'runId' | 'protection' | 'state'>,
  place: ProcessPlace,
): ActionContext['startProcess'] {
  const { step, attempt, processes, hooks, confine, onConfine } = place;
  return ({ file, args, cwd = place.cwd, env = place.env, stdin, keepStdin, onStdout, onStderr }) => {
    let tail = Buffer.alloc(0);
    if (confine !== undefined) onConfine();
    const marks = { SHEAF_RUN_ID: runId, SHEAF_STEP: step, SHEAF_ATTEMPT: String(attempt) };
    const handle = runner.start(
      {
        runId,
        step,
        attempt,
        file,
        args,
        cwd,
        env: { ...env, ...marks },
        isPart: true,
        redactor: protection.secrets.redactor,
        ...(confine === undefined ? {} : { confine, maxTasks: maxTasksOf(state.rules) }),
        ...(stdin === undefined ? {} : { stdin }),
        ...(keepStdin === undefined ? {} : { keepStdin }),
        ...(onStdout === undefined ? {} : { onStdout }),
        onStderr: (chunk) => {
          onStderr?.(chunk);
          tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
        },
      },
      hooks.onOutput,
    );
    processes.add(handle);
    if (handle.identity !== undefined)
      hooks.note({ type: 'step.spawned', step, attempt, process: handle.identity });
    const done = handle.done.then((ended): ActionProcessEnd => {
      processes.delete(handle);
      const { exitCode, signal, spawnError, stdout } = ended;
      return {
        ...(exitCode === undefined ? {} : { exitCode }),
        ...(signal === undefined ? {} : { signal }),
        ...(spawnError === undefined ? {} : { spawnError }),
        ...(stdout === undefined ? {} : { stdout }),
        stderrTail: tail.toString('utf8'),
      };
    });
    return {
      done,
      ...(handle.input === undefined ? {} : { input: handle.input }),
      stop: () => {
        handle.stop();
      },
    };
  };
}
