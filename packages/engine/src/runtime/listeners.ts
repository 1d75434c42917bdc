import type { OutputListener } from '../ports.js';

/** A listener that throws ends the run with its error; it is not called again. */
export function guardListener(listener: OutputListener, fail: (error: unknown) => void): OutputListener {
  let failed = false;
  const onError = (error: unknown): void => {
    failed = true;
    fail(error);
  };
  return (step, stream, chunk) => {
    if (failed) return undefined;
    try {
      // A listener that returns nothing may return anything: its type says void.
      const pending: unknown = listener(step, stream, chunk);
      return pending instanceof Promise ? pending.then(() => undefined, onError) : undefined;
    } catch (error) {
      onError(error);
      return undefined;
    }
  };
}

/** Calls `act` when a signal aborts, or at once when it has; what it returns stops that. */
export function listenAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal?.aborted === true) act();
  signal?.addEventListener('abort', act, { once: true });
  return () => signal?.removeEventListener('abort', act);
}
