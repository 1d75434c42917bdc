/** Who may see the log that something is of: names of private namespaces never leave the process as labels. */
export type RealmKind = 'public' | 'private';
/** Steps of a publish, in order. */
export type PublishPhase = 'verify' | 'store' | 'record' | 'settle' | 'total';

/**
 * What the service measures, in its own words. Every label has few values, which are known beforehand: never a name, an id
 * or a path that a caller chose.
 */
export interface Metrics {
  /** A request was answered. `route` is the pattern, or `none`. */
  request(request: { route: string; method: string; status: number; ms: number }): void;
  /** Requests in progress, by +1 and -1. */
  inFlight(change: 1 | -1): void;
  publishPhase(phase: PublishPhase, ms: number): void;
  /** A batch was appended to a log; in `ms` from its beginning to its commit. */
  batch(realm: RealmKind, leaves: number, ms: number): void;
  /** What waits for the logs of one kind together, and how long the oldest has. */
  queue(realm: RealmKind, waiting: number, oldestMs: number): void;
  cache(name: string, outcome: 'hit' | 'miss'): void;
  /** A call of the blob store, such as `get`. */
  blob(operation: string, outcome: 'ok' | 'error', ms: number): void;
  /** One run of a job. */
  job(name: string, outcome: 'ok' | 'error', ms: number): void;
  webhook(outcome: 'delivered' | 'failed' | 'dead' | 'refused'): void;
  search(ms: number, candidates: number): void;
  rateLimited(kind: string): void;
  /** Connections of the pool: in all, idle, and callers that wait for one. */
  pool(total: number, idle: number, waiting: number): void;
  /** Spans that were not exported. */
  spansDropped(count: number): void;
}

/** Measures nothing: for verbs that nobody scrapes, and for tests. */
export const noMetrics: Metrics = {
  request: () => undefined,
  inFlight: () => undefined,
  publishPhase: () => undefined,
  batch: () => undefined,
  queue: () => undefined,
  cache: () => undefined,
  blob: () => undefined,
  job: () => undefined,
  webhook: () => undefined,
  search: () => undefined,
  rateLimited: () => undefined,
  pool: () => undefined,
  spansDropped: () => undefined,
};
