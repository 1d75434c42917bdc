import type { Env } from '../config/env.js';

/** What a verb may touch of the process it runs in. */
export interface VerbIo {
  /** Writes to standard output: what the verb answers. */
  readonly stdout: (text: string) => void;
  /** Writes to standard error: what it says meanwhile. */
  readonly stderr: (text: string) => void;
  /** Whether a person looks at standard error. */
  readonly isInteractive: boolean;
  /** Aborted by the first SIGTERM or SIGINT; the second one ends the process. */
  readonly stopped: AbortSignal;
}

/** A verb of `sheaf-registry`. */
export interface Verb {
  readonly name: string;
  /** Its part of the help text: a line `usage: sheaf-registry NAME …`, then its flags. */
  readonly usage: string;
  /**
   * Returns the exit code: 0 ok, 1 failed, 2 wrong usage, 3 when `check` found a broken invariant. A verb that serves
   * returns when it has stopped.
   *
   * @throws StartError and others with `code` and `hint`, which end the process with 2 for `usage.invalid`, else 1
   */
  run(args: readonly string[], env: Env, io: VerbIo): Promise<number>;
}
