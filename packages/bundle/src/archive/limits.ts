/** What an archive may be at most. A registry advertises its own; nothing signed may exceed them. */
export interface ArchiveLimits {
  /** Whole uncompressed archive. */
  readonly tarBytes: number;
  readonly files: number;
  /** Any one file. */
  readonly fileBytes: number;
  /** The definition, `workflow.toml` or `workflow.yaml`. */
  readonly definitionBytes: number;
}

/** 32 MiB, 10,000 files, 16 MiB a file, 1 MiB for the definition. */
export const DEFAULT_LIMITS: ArchiveLimits = Object.freeze({
  tarBytes: 32 << 20,
  files: 10_000,
  fileBytes: 16 << 20,
  definitionBytes: 1 << 20,
});
