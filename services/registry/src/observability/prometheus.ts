import {
  AggregatorRegistry,
  collectDefaultMetrics,
  Registry,
  type MetricObjectWithValues,
} from 'prom-client';
import type { MetricValue } from 'prom-client';
import { createInstruments, type Instruments } from './instruments.js';
import type { Metrics } from './metrics.js';

/** The values of one process, as they travel between processes. */
export type MetricsSnapshot = MetricObjectWithValues<MetricValue<string>>[];

/** The metrics of this process. */
export interface Prometheus {
  readonly metrics: Metrics;
  /** Called before each snapshot, for what is looked up rather than counted. A failure is no reason not to answer. */
  onSnapshot(refresh: () => void | Promise<void>): void;
  setWorkers(count: number): void;
  snapshot(): Promise<MetricsSnapshot>;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts in this process. `version`: of the service. */
export function createPrometheus(version: string): Prometheus {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const instruments = createInstruments(register);
  instruments.buildInfo.set({ version, node: process.versions.node }, 1);
  const refreshes: (() => void | Promise<void>)[] = [];
  return {
    metrics: toMetrics(instruments),
    onSnapshot: (refresh) => {
      refreshes.push(refresh);
    },
    setWorkers: (count) => {
      instruments.workers.set(count);
    },
    snapshot: async () => {
      await Promise.allSettled(refreshes.map(async (refresh) => refresh()));
      return register.getMetricsAsJSON();
    },
  };
}

/** Text exposition of one or several processes together: counts are added up, and gauges as each of them says. */
export function renderMetrics(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate([...snapshots]).metrics();
}

function toMetrics(i: Instruments): Metrics {
  return {
    request: ({ route, method, status, ms }) => {
      const known = METHODS.has(method) ? method : 'other';
      i.requests.inc({ method: known, route, status });
      i.requestSeconds.observe({ method: known, route }, ms / 1000);
    },
    inFlight: (change) => {
      i.inFlight.inc(change);
    },
    publishPhase: (phase, ms) => {
      i.publishSeconds.observe({ phase }, ms / 1000);
    },
    batch: (realm, leaves, ms) => {
      i.batchLeaves.observe({ realm }, leaves);
      i.batchSeconds.observe({ realm }, ms / 1000);
    },
    queue: (realm, waiting, oldestMs) => {
      i.queueLength.set({ realm }, waiting);
      i.queueOldest.set({ realm }, oldestMs / 1000);
    },
    cache: (cache, outcome) => {
      i.cache.inc({ cache, outcome });
    },
    blob: (operation, outcome, ms) => {
      i.blobSeconds.observe({ operation, outcome }, ms / 1000);
    },
    job: (job, outcome, ms) => {
      i.jobSeconds.observe({ job, outcome }, ms / 1000);
    },
    webhook: (outcome) => {
      i.webhooks.inc({ outcome });
    },
    search: (ms, candidates) => {
      i.searchSeconds.observe(ms / 1000);
      i.searchCandidates.observe(candidates);
    },
    rateLimited: (kind) => {
      i.rateLimited.inc({ kind });
    },
    pool: (total, idle, waiting) => {
      i.pool.set({ state: 'busy' }, total - idle);
      i.pool.set({ state: 'idle' }, idle);
      i.poolWaiting.set(waiting);
    },
    spansDropped: (count) => {
      i.spansDropped.inc(count);
    },
  };
}
