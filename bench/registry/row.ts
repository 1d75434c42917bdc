/** What one server did in one row: medians over the rounds. */
export interface Cell {
  readonly server: string;
  readonly version?: string;
  /** What an acknowledged write survives. */
  readonly durability?: string;
  readonly operations: number;
  readonly failed: number;
  readonly firstFailure?: string;
  readonly perSecond?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Processor time of the service's own processes for each operation. */
  readonly serviceCpuMs?: number;
  /** That of its database. */
  readonly databaseCpuMs?: number;
  /** Of the service's processes, after the last round. */
  readonly rssMb?: number;
  /** Calls of `fsync` and `fdatasync` for each operation, of the service and its database. */
  readonly syncs?: number;
  readonly note?: string;
  /** Of each round, for those who want more than medians. */
  readonly rounds?: readonly number[];
}

/** Something that the design asks for. */
export interface Target {
  /** Such as `≥ 1.5× Verdaccio`. */
  readonly text: string;
  readonly value: number;
  readonly isMet: boolean;
}

export interface BenchRow {
  /** Such as `publish.8`; `--only` takes the part before the dot. */
  readonly id: string;
  readonly what: string;
  readonly cells: readonly Cell[];
  readonly targets: readonly Target[];
  readonly notes: readonly string[];
  /** Latencies of each tenth of a long run, in order. */
  readonly deciles?: readonly { readonly p50Ms: number; readonly p99Ms: number }[];
}

/** A target that a measured value must reach, or stay under. What failed meets nothing. */
export function targetOf(
  text: string,
  value: number,
  compare: 'least' | 'most',
  limit: number,
  cells: readonly Cell[] = [],
): Target {
  const isWhole = cells.every((cell) => cell.failed === 0);
  return { text, value, isMet: isWhole && (compare === 'least' ? value >= limit : value <= limit) };
}
