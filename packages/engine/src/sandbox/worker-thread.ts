import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { SANDBOX_LIMITS } from './limits.js';
import { PRELUDE, wrapScript } from './prelude.js';
import { serveSandbox, type WorkerAnswer, type WorkerTask } from './worker.js';

/** One thread, which does one task after the other. */
export interface SandboxThread {
  /** Rejects when the thread ends before it answers. */
  perform(task: WorkerTask): Promise<WorkerAnswer>;
  /** Ends it at once, also in the middle of a task. */
  end(): Promise<void>;
}

const require = createRequire(import.meta.url);

/** Done when a thread starts: the code of the interpreter is compiled when it is first used. */
const FIRST: Omit<WorkerTask, 'seed'> = {
  ...SANDBOX_LIMITS,
  prelude: PRELUDE,
  script: wrapScript('return { first: [1].map((one) => `${one}`) }'),
  input: '{}',
  now: 0,
  outputLength: 1_000,
};

/**
 * Starts a thread with no environment and no output of its own. It does not keep the process alive. `memoryMb` bounds its heap
 * outside the interpreter.
 */
export function startThread(memoryMb: number): SandboxThread {
  const interpreter = pathToFileURL(require.resolve('quickjs-wasi')).href;
  const wasm = require.resolve('quickjs-wasi/quickjs.wasm');
  const worker = new Worker(
    // Some compilers call `__name` to keep the names of functions.
    `const __name = (value) => value;
     const { parentPort } = require('node:worker_threads');
     const wasm = WebAssembly.compile(require('node:fs').readFileSync(${JSON.stringify(wasm)}));
     // What is awaited of WebAssembly comes behind all that V8 still compiles of it on other threads: a second of them, where they are busy.
     WebAssembly.instantiate = async (module, imports) => new WebAssembly.Instance(module, imports);
     import(${JSON.stringify(interpreter)}).then(async (quickjs) => {
       (${serveSandbox.toString()})(parentPort, quickjs, await wasm, performance, ${JSON.stringify(FIRST)});
     });`,
    {
      eval: true,
      env: {},
      execArgv: [],
      stdin: false,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, stackSizeMb: 4 },
    },
  );
  worker.unref();
  // What ends it is told to whoever waits, or comes later; without a listener it would end the process.
  let ended: Error | undefined;
  worker.on('error', (error) => {
    ended = error;
  });
  worker.on('exit', () => {
    ended ??= new Error('the thread ended');
  });
  return {
    perform: (task) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended);
          return;
        }
        const stop = (): void => {
          worker.off('message', answer).off('error', fail).off('exit', fail);
          worker.unref();
        };
        const answer = (message: WorkerAnswer): void => {
          stop();
          resolve(message);
        };
        const fail = (cause: unknown): void => {
          stop();
          reject(cause instanceof Error ? cause : new Error('the thread ended'));
        };
        worker.on('message', answer).on('error', fail).on('exit', fail);
        worker.ref();
        worker.postMessage(task);
      }),
    end: async () => {
      await worker.terminate();
    },
  };
}
