/** Caps on what a step may hand back. Sizes in bytes. */
export const LIMITS = {
  /** Standard output kept as `outputs.stdout`. */
  stdoutBytes: 1024 * 1024,
  /** The file `$SHEAF_OUTPUT`. */
  outputFileBytes: 1024 * 1024,
  /** Outputs in that file. */
  outputs: 256,
  /** Depth of a JSON output. */
  outputDepth: 32,
  /** The log of one step, over all of its attempts. */
  logBytes: 64 * 1024 * 1024,
  /** The text of `run`, and one `NAME=value` of a step's environment (Linux: MAX_ARG_STRLEN, with its final NUL). */
  argumentBytes: 128 * 1024 - 1,
  /** Steps of a plan. */
  steps: 10_000,
} as const;
