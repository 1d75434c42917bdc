import type { OutputStream } from '../terminal/stream.js';
import { waitForUnfinished } from './unfinished.js';

/** The end that the outside asks for. */
export interface Signals {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
}

/** How long a second Ctrl-C waits for the work it kills to be gone. */
const FORCE_MS = 1000;

/**
 * The first Ctrl-C asks politely. The second is for whoever listens to `forced`, and ends the process soon after
 * whether or not somebody does.
 */
export function listenForSignals(emitter: NodeJS.Process, stderr: OutputStream): Signals {
  const polite = new AbortController();
  const onSignal = (): void => {
    // The terminal has written `^C` where the cursor stands. Lines that are redrawn must stay where they are.
    if (stderr.canRedraw) stderr.write('\r');
    if (!polite.signal.aborted) {
      polite.abort();
      return;
    }
    forced.abort();
    if (!stderr.canRedraw) stderr.write('\n');
    setTimeout(() => {
      void waitForUnfinished(FORCE_MS).then(() => emitter.exit(130));
    }, FORCE_MS);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) emitter.on(name, onSignal);
  return { signal: polite.signal };
}

const forced = new AbortController();

/** Aborted by the second Ctrl-C: kill what still runs. */
export function forcedSignal(): AbortSignal {
  return forced.signal;
}
