import type { Paths } from '../config/paths.js';
import type { OutputStream } from '../terminal/stream.js';
import type { Ui } from '../terminal/ui.js';

/** Everything of the outside world that a command may use. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly paths: Paths;
  readonly ui: Ui;
  readonly stdout: OutputStream;
  /** Whether the answer is one JSON document. */
  readonly json: boolean;
  /** Aborted by the first Ctrl-C, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Whether stdin is a terminal, and not a file or a pipe with something in it. */
  readonly stdinIsTty: boolean;
  /** All of stdin as text, at most so many bytes. */
  readonly readStdin: (maxBytes: number) => Promise<string>;
  /** The folder of this package, where templates are. */
  readonly packageDir: string;
  /** Version of this package. */
  readonly version: string;
}

/** Starts a clock that stands while a question waits for its answer; milliseconds. */
export function startClock({
  now,
  ui,
}: {
  readonly now: Context['now'];
  readonly ui: Pick<Ui, 'waitedMs'>;
}): () => number {
  const startedMs = now() - ui.waitedMs();
  return () => Math.max(0, now() - ui.waitedMs() - startedMs);
}
