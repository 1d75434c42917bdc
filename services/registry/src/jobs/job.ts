/** What a run of a job found: `more` has it run again at once. */
export interface JobOutcome {
  readonly more: boolean;
}

/** Work that nobody waits for. It is done in units, each of which may be the last one. */
export interface Job {
  /** Unique in the registry; it names the job's lock, metrics and row. */
  readonly name: string;
  /** From the end of a run to the next one. From a minute up it counts for all processes together. */
  readonly everyMs: number;
  /** `registry`, unless given: at most one run at a time, whichever process it is in. `process`: each process for itself. */
  readonly scope?: 'registry' | 'process';
  /** Does some work. It ends between two units when the signal is aborted. What it throws has it run again later. */
  run(signal: AbortSignal): Promise<JobOutcome | undefined>;
}

/** How a job does in this process. */
export interface JobHealth {
  readonly name: string;
  /** Runs that failed since the last that did not. */
  readonly failures: number;
  /** One line, of the newest failure. */
  readonly lastError: string | undefined;
}
