import type { MetricsSnapshot } from '../observability/prometheus.js';

/** What the primary process tells a worker. The database's address may hold a password: it never stands in an environment. */
export type ToWorker =
  | { readonly type: 'start'; readonly databaseUrl: string; readonly port: number }
  | { readonly type: 'snapshot'; readonly id: number }
  | { readonly type: 'metrics'; readonly id: number; readonly text: string }
  | { readonly type: 'stop' };

/** What a worker tells the primary process. */
export type ToPrimary =
  | { readonly type: 'hello' }
  | { readonly type: 'ready'; readonly url: string }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'snapshot'; readonly id: number; readonly values: MetricsSnapshot }
  | { readonly type: 'scrape'; readonly id: number };

/** Why a worker could not start, as a person is told. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}
