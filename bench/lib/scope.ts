/** What must be undone at the end, whatever the end is. */
export interface Scope {
  /** Closed after everything that was added later. */
  add(close: () => void | Promise<void>): void;
  /** Runs something with a scope of its own, which closes before this one. */
  within<T>(run: (scope: Scope) => Promise<T>): Promise<T>;
  /** Aborted when the process was told to end. */
  readonly signal: AbortSignal;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** What a shell says of a program that a Ctrl-C has ended. */
const CANCELLED_EXIT_CODE = 130;

/** Runs something and undoes what it added, also when it fails and on Ctrl-C, which then ends the process. */
export async function withScope<T>(run: (scope: Scope) => Promise<T>): Promise<T> {
  const aborter = new AbortController();
  const { scope, close } = createScope(aborter.signal);
  const cancel = (): void => {
    if (aborter.signal.aborted) return;
    aborter.abort(new Error('cancelled'));
    void close().then(() => process.exit(CANCELLED_EXIT_CODE));
  };
  for (const signal of SIGNALS) process.on(signal, cancel);
  try {
    return await run(scope);
  } finally {
    await close();
    // What broke because its servers were stopped is not worth telling: the process ends in a moment.
    if (aborter.signal.aborted) await new Promise(() => undefined);
    for (const signal of SIGNALS) process.off(signal, cancel);
  }
}

function createScope(signal: AbortSignal): { readonly scope: Scope; readonly close: () => Promise<void> } {
  const closers: (() => void | Promise<void>)[] = [];
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    for (let next = closers.pop(); next !== undefined; next = closers.pop()) {
      try {
        await next();
      } catch (error) {
        process.stderr.write(`could not clean up: ${(error as Error).message}\n`);
      }
    }
  };
  const close = () => (closing ??= closeAll());
  const scope: Scope = {
    signal,
    add: (closer) => {
      closers.push(closer);
    },
    within: async (run) => {
      const inner = createScope(signal);
      closers.push(inner.close);
      try {
        return await run(inner.scope);
      } finally {
        await inner.close();
      }
    },
  };
  return { scope, close };
}
