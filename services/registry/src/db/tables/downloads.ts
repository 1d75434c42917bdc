/** Downloads of a version on one day, by UTC. Counted in memory and added in batches, so it lags by seconds. */
export interface DownloadsTable {
  version_id: number;
  /** `YYYY-MM-DD`. */
  day: string;
  count: number;
}

/** Downloads of all versions of a workflow, ever. A workflow without a row has none. */
export interface WorkflowDownloadsTable {
  workflow_id: number;
  total: number;
}
