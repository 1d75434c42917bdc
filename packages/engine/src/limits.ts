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
  /** Files that are looked at for what a step depends on. */
  cacheFiles: 100_000,
  /** Steps whose results are kept for later runs. */
  cacheEntries: 5_000,
  /** One artifact. */
  artifactBytes: 4 * 1024 * 1024 * 1024,
  /** The log of one step, over all of its attempts. */
  logBytes: 64 * 1024 * 1024,
  /** The text of `run`, and one `NAME=value` of a step's environment (Linux: MAX_ARG_STRLEN, with its final NUL). */
  argumentBytes: 128 * 1024 - 1,
  /** Events that wait to be received by one run. */
  inbox: 1_000,
  /** Files, folders and links of a workspace that is a copy. */
  workspaceFiles: 200_000,
  /** Its bytes. */
  workspaceBytes: 4 * 1024 * 1024 * 1024,
  /** JSON text of one event. */
  eventBytes: 256 * 1024,
  /** Steps of a plan. */
  steps: 10_000,
  /** Steps in steps, those of sub-workflows counted. */
  depth: 64,
  /** Items of a loop. */
  items: 10_000,
  /** Steps that one run may open, with those of its loops, blocks and sub-workflows. */
  opened: 200_000,
} as const;
