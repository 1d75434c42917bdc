/** What a script may use. */
export interface SandboxLimits {
  /** Of the wall clock, from its first statement; default 5,000. */
  readonly timeMs: number;
  /** Of the interpreter's heap; default 64 MiB. */
  readonly memoryBytes: number;
  /** Of its native stack; default 256 KiB, at most 512. */
  readonly stackBytes: number;
}

export const SANDBOX_LIMITS: SandboxLimits = {
  timeMs: 5_000,
  memoryBytes: 64 * 1024 * 1024,
  stackBytes: 256 * 1024,
};

/** Longest script, input and result, in UTF-16 units. */
export const MAX_SCRIPT_LENGTH = 1_048_576;
export const MAX_INPUT_LENGTH = 1_048_576;
export const MAX_RESULT_LENGTH = 1_048_576 + 65_536;
/** How much longer than its time a thread may take before it is ended: native code of the interpreter does not look at the clock. */
export const THREAD_PATIENCE_MS = 250;
/** Of a thread outside the interpreter: the code of the interpreter and what goes in and out. */
export const THREAD_MEMORY_MB = 128;
