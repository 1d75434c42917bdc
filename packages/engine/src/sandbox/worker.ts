/** What is asked of a worker. */
export interface WorkerTask {
  readonly prelude: string;
  readonly script: string;
  readonly input: string;
  /** 64 bits that `Math.random()` starts from. */
  readonly seed: bigint;
  /** What every clock says, in milliseconds since the epoch. */
  readonly now: number;
  readonly timeMs: number;
  readonly memoryBytes: number;
  readonly stackBytes: number;
  readonly outputLength: number;
}

/** What a worker answers. `json` is whatever the guest made of its result. */
export type WorkerAnswer =
  | { readonly kind: 'json'; readonly json: string }
  | { readonly kind: 'syntax' | 'failed'; readonly message: string }
  | { readonly kind: 'timeout' | 'memory' | 'pending' | 'too_large' };

/** The part of `quickjs-wasi` that is used. */
interface Handle {
  readonly isString: boolean;
  readonly length: number;
  toString(): string;
}
interface Machine {
  evalCode(code: string, file: string, flags: number): Handle;
  callFunction(func: Handle, self: Handle, ...args: Handle[]): Handle;
  newString(text: string): Handle;
  executePendingJobs(): number;
  readonly undefined: Handle;
  dispose(): void;
}
interface QuickJsModule {
  readonly QuickJS: { create(options: object): Promise<Machine> };
  readonly EvalFlags: { readonly STRICT: number };
  readonly Intrinsics: { readonly ALL: number; readonly PERFORMANCE: number; readonly WEAK_REF: number };
}
interface Port {
  on(event: 'message', listener: (task: WorkerTask) => void): void;
  postMessage(answer: WorkerAnswer): void;
}

/**
 * All that runs in the worker thread. Its text is handed to the thread, so that no file has to be found for it: it may use nothing
 * but its parameters.
 */
export function serveSandbox(
  port: Port,
  quickjs: QuickJsModule,
  wasm: unknown,
  clock: { now(): number },
  first: Omit<WorkerTask, 'seed'>,
): void {
  const { QuickJS, EvalFlags, Intrinsics } = quickjs;

  const describe = (error: unknown): WorkerAnswer => {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if (message.includes('out of memory') || message.includes('string too long')) return { kind: 'memory' };
    return { kind: error instanceof Error && error.name === 'SyntaxError' ? 'syntax' : 'failed', message };
  };

  const run = async (task: WorkerTask): Promise<WorkerAnswer> => {
    // The generator of random numbers takes its seed from the clock while the machine is made.
    let ticks = task.seed;
    const time: { isOver: boolean } = { isOver: false };
    const deadline = clock.now() + task.timeMs;
    const machine = await QuickJS.create({
      wasm,
      memoryLimit: task.memoryBytes,
      maxStackSize: task.stackBytes,
      timezoneOffset: 0,
      // A clock that never stands still, and collection that can be observed, would differ from run to run.
      intrinsics: Intrinsics.ALL & ~Intrinsics.PERFORMANCE & ~Intrinsics.WEAK_REF,
      interruptHandler: () => (time.isOver ||= clock.now() > deadline),
      wasi: (memory: { readonly buffer: ArrayBuffer }) => ({
        clock_time_get: (_clock: number, _precision: bigint, at: number) => {
          new DataView(memory.buffer).setBigUint64(at, ticks, true);
          return 0;
        },
        random_get: (at: number, length: number) => {
          new Uint8Array(memory.buffer, at, length).fill(0);
          return 0;
        },
        fd_write: () => 8,
      }),
    });
    ticks = BigInt(task.now) * 1_000_000n;
    try {
      const drive = machine.evalCode(task.prelude, 'prelude', EvalFlags.STRICT);
      const script = machine.evalCode(task.script, 'script', EvalFlags.STRICT);
      machine.callFunction(drive, machine.undefined, script, machine.newString(task.input));
      machine.executePendingJobs();
      const result = machine.callFunction(drive, machine.undefined);
      if (time.isOver) return { kind: 'timeout' };
      if (!result.isString) return { kind: 'pending' };
      return result.length > task.outputLength
        ? { kind: 'too_large' }
        : { kind: 'json', json: result.toString() };
    } catch (error) {
      return time.isOver ? { kind: 'timeout' } : describe(error);
    } finally {
      try {
        machine.dispose();
      } catch {
        // A machine without memory may not even end; its thread lets go of it all the same.
      }
    }
  };

  const serve = (): void => {
    port.on('message', (task) => {
      run(task).then(
        (answer) => {
          port.postMessage(answer);
        },
        (error: unknown) => {
          port.postMessage(describe(error));
        },
      );
    });
  };
  run({ ...first, seed: 1n }).then(serve, serve);
}
