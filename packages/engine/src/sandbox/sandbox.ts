import { createHash } from 'node:crypto';
import { printable, type JsonValue } from '@sheaf/workflow';
import { ActionError } from '../actions/action-error.js';
import {
  MAX_INPUT_LENGTH,
  MAX_RESULT_LENGTH,
  MAX_SCRIPT_LENGTH,
  SANDBOX_LIMITS,
  THREAD_MEMORY_MB,
  THREAD_PATIENCE_MS,
  type SandboxLimits,
} from './limits.js';
import { PRELUDE, wrapScript } from './prelude.js';
import { outOfMemory, readResult, type ScriptResult } from './result.js';
import { startThread, type SandboxThread } from './worker-thread.js';
import type { WorkerAnswer, WorkerTask } from './worker.js';

/** One run of a script. */
export interface ScriptRequest {
  readonly script: string;
  readonly input: Readonly<Record<string, JsonValue>>;
  /** The same seed gives the same random numbers. */
  readonly seed: string;
  /** What the clock of the script says, in milliseconds since the epoch. */
  readonly now: number;
  readonly limits?: Partial<SandboxLimits>;
  readonly signal?: AbortSignal;
  /** Gets what the script wrote to its console, also when it then failed. */
  readonly onLog?: (text: string) => void;
}

/** Runs scripts that can reach nothing: no files, no network, no clock, no other script. */
export interface Sandbox {
  /**
   * Runs a script in a machine of its own. Throws ActionError `script.…`, and `action.cancelled` when the signal says so, upon
   * which nothing of it runs any more.
   */
  run(request: ScriptRequest): Promise<ScriptResult>;
  /** Starts a thread for a script that will come, where there is none. */
  expect(): void;
  close(): Promise<void>;
}

/** A sandbox of at most `threads` threads, which start when they are needed and stay for the next script. */
export function createSandbox(options: { readonly threads: number }): Sandbox {
  const idle: SandboxThread[] = [];
  const busy = new Set<SandboxThread>();
  const waiting: (() => void)[] = [];

  const acquire = async (): Promise<SandboxThread> => {
    while (idle.length === 0 && busy.size >= options.threads) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    const thread = idle.pop() ?? startThread(THREAD_MEMORY_MB);
    busy.add(thread);
    return thread;
  };
  const release = (thread: SandboxThread, isSound: boolean): void => {
    busy.delete(thread);
    if (isSound) idle.push(thread);
    waiting.shift()?.();
  };

  return {
    run: async (request) => {
      const { script, onLog = () => undefined } = request;
      const input = JSON.stringify(request.input);
      checkSizes(script, input);
      const thread = await acquire();
      const limits = { ...SANDBOX_LIMITS, ...request.limits };
      let answer: WorkerAnswer | undefined;
      try {
        const task: WorkerTask = {
          ...limits,
          prelude: PRELUDE,
          script: wrapScript(script),
          input,
          seed: seedOf(request.seed),
          now: Math.trunc(request.now),
          outputLength: MAX_RESULT_LENGTH,
        };
        answer = await performWithin(thread, task, limits.timeMs + THREAD_PATIENCE_MS, request.signal);
      } finally {
        release(thread, answer !== undefined);
      }
      if (answer.kind === 'json') return readResult(answer.json, onLog);
      throw describe(answer, limits);
    },
    expect: () => {
      if (idle.length + busy.size === 0) idle.push(startThread(THREAD_MEMORY_MB));
    },
    close: async () => {
      await Promise.all([...idle.splice(0), ...busy].map((thread) => thread.end()));
    },
  };
}

/** Ends the thread when the signal or the time says so: native code of the interpreter can be stopped in no other way. */
async function performWithin(
  thread: SandboxThread,
  task: WorkerTask,
  timeMs: number,
  signal: AbortSignal | undefined,
): Promise<WorkerAnswer> {
  let ended: 'timeout' | 'cancelled' | undefined;
  const endAs = (why: 'timeout' | 'cancelled') => (): void => {
    ended ??= why;
    void thread.end();
  };
  const cancel = endAs('cancelled');
  if (signal?.aborted === true) throw cancelled();
  signal?.addEventListener('abort', cancel, { once: true });
  const timer = setTimeout(endAs('timeout'), timeMs);
  try {
    return await thread.perform(task);
  } catch (cause) {
    if (ended === 'cancelled') throw cancelled();
    if (ended === 'timeout') throw tookTooLong(task.timeMs);
    throw cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? outOfMemory()
      : new ActionError('script.failed', 'the thread of the script ended', { cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  }
}

function describe(
  answer: Exclude<WorkerAnswer, { readonly kind: 'json' }>,
  limits: SandboxLimits,
): ActionError {
  switch (answer.kind) {
    case 'syntax':
      return new ActionError(
        'script.syntax',
        `the script cannot be read: ${printable(answer.message, 300)}`,
        {
          hint: 'a script is the body of a function of `input`, in JavaScript',
        },
      );
    case 'failed':
      return new ActionError('script.failed', `the script failed: ${printable(answer.message, 300)}`);
    case 'timeout':
      return tookTooLong(limits.timeMs);
    case 'memory':
      return outOfMemory();
    case 'pending':
      return new ActionError(
        'script.pending',
        'the script waits for a promise that nothing will ever settle',
        {
          hint: 'there are no timers and no input or output in a script',
        },
      );
    case 'too_large':
      return new ActionError(
        'script.output',
        `the result of the script is larger than ${MAX_RESULT_LENGTH} characters`,
      );
  }
}

function tookTooLong(timeMs: number): ActionError {
  return new ActionError('script.timeout', `the script took longer than ${timeMs} ms`, {
    hint: 'do it in a shell step, which has no such limit',
  });
}

function cancelled(): ActionError {
  return new ActionError('action.cancelled', 'the script was stopped');
}

function checkSizes(script: string, input: string): void {
  if (script.length > MAX_SCRIPT_LENGTH) {
    throw new ActionError('action.input', `the script has more than ${MAX_SCRIPT_LENGTH} characters`);
  }
  if (input.length > MAX_INPUT_LENGTH) {
    throw new ActionError(
      'action.input',
      `the input of the script has more than ${MAX_INPUT_LENGTH} characters`,
      {
        hint: 'hand it only what it needs',
      },
    );
  }
}

function seedOf(text: string): bigint {
  return createHash('sha256').update(text).digest().readBigUInt64LE() | 1n;
}
