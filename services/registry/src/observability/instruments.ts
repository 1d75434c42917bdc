import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const FAST = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const SLOW = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60];

/** Every instrument of the service. Units stand in the names; docs/OPERATIONS.md says which of them to watch. */
export function createInstruments(register: Registry) {
  const registers = [register];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter<Label>({ name, help, labelNames: [...labelNames], registers });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: readonly number[] = FAST,
  ) => new Histogram<Label>({ name, help, labelNames: [...labelNames], buckets: [...buckets], registers });
  const gauge = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
    aggregator: 'sum' | 'max' | 'first' = 'sum',
  ) => new Gauge<Label>({ name, help, labelNames: [...labelNames], registers, aggregator });
  return {
    requests: counter('sheaf_http_requests_total', 'Requests answered', ['method', 'route', 'status']),
    requestSeconds: histogram('sheaf_http_request_duration_seconds', 'Time to the end of the answer', [
      'method',
      'route',
    ]),
    inFlight: gauge('sheaf_http_requests_in_flight', 'Requests in progress'),
    publishSeconds: histogram('sheaf_publish_phase_seconds', 'Time of each phase of a publish', ['phase']),
    batchLeaves: histogram(
      'sheaf_log_batch_leaves',
      'Leaves of a batch that was appended to a log',
      ['realm'],
      [1, 2, 4, 8, 16, 32, 64, 128, 256],
    ),
    batchSeconds: histogram(
      'sheaf_log_batch_seconds',
      'From the beginning of a batch to its commit; how long leaves wait is sheaf_log_queue_oldest_seconds',
      ['realm'],
    ),
    queueLength: gauge('sheaf_log_queue_length', 'Leaves that wait for their log', ['realm'], 'max'),
    queueOldest: gauge('sheaf_log_queue_oldest_seconds', 'Age of the oldest of them', ['realm'], 'max'),
    cache: counter('sheaf_cache_lookups_total', 'Lookups of caches in the process', ['cache', 'outcome']),
    blobSeconds: histogram('sheaf_blob_operation_seconds', 'Calls of the blob store', [
      'operation',
      'outcome',
    ]),
    jobSeconds: histogram('sheaf_job_run_seconds', 'Runs of jobs', ['job', 'outcome'], SLOW),
    webhooks: counter('sheaf_webhook_deliveries_total', 'Attempts to deliver a webhook', ['outcome']),
    searchSeconds: histogram('sheaf_search_seconds', 'Time of a search in the database', []),
    searchCandidates: histogram(
      'sheaf_search_candidates',
      'Candidates that a search ranked',
      [],
      [1, 10, 50, 100, 250, 500, 1000],
    ),
    rateLimited: counter('sheaf_rate_limited_total', 'Requests refused by a rate limit', ['kind']),
    pool: gauge('sheaf_database_pool_connections', 'Connections of the pool', ['state']),
    poolWaiting: gauge('sheaf_database_pool_waiting', 'Callers that wait for a connection'),
    spansDropped: counter('sheaf_trace_spans_dropped_total', 'Spans that were not exported'),
    workers: gauge('sheaf_workers', 'Processes that serve requests', [], 'max'),
    buildInfo: gauge('sheaf_build_info', 'What runs, as labels', ['version', 'node'], 'first'),
  };
}

export type Instruments = ReturnType<typeof createInstruments>;
