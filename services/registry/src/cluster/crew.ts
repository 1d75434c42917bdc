import cluster, { type Worker } from 'node:cluster';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { MetricsSnapshot } from '../observability/prometheus.js';
import { StartError } from '../start-error.js';
import { createAsking } from './asking.js';
import { createBackoff } from './backoff.js';
import { closeUntaken } from './handed-over.js';
import type { ToPrimary, ToWorker } from './messages.js';

export interface CrewOptions {
  readonly size: number;
  readonly databaseUrl: string;
  /** Where each of them listens: never 0, for one that comes when no other is left must find the same one. */
  readonly port: number;
  /** Longest that a worker gets to stop. */
  readonly stopTimeoutMs: number;
  /** The text of the metrics of these workers and of this process. */
  readonly render: (workers: readonly MetricsSnapshot[]) => Promise<string>;
  readonly log: Logger;
}

/** The processes that serve requests. */
export interface Crew {
  /** Where they listen. */
  readonly url: string;
  /** The metrics of this process and of every worker that answers. */
  readonly scrape: () => Promise<string>;
  /** Has all of them stop, and ends those that take too long. */
  readonly stop: () => Promise<void>;
}

const SNAPSHOT_TIMEOUT_MS = 2_000;

/**
 * Starts workers and replaces those that die.
 *
 * @throws StartError what a worker could not start for, or `workers.failed` when one died before it was ready
 */
export async function startCrew(options: CrewOptions): Promise<Crew> {
  const { size, databaseUrl, port, log } = options;
  const asking = createAsking<MetricsSnapshot>(SNAPSHOT_TIMEOUT_MS);
  const backoff = createBackoff();
  const workers = new Set<Worker>();
  /** Those that serve, and since when. */
  const servingSince = new Map<Worker, number>();
  const timers = new Set<NodeJS.Timeout>();
  let isStopping = false;

  const scrape = async () => {
    const answers = await Promise.allSettled(
      [...workers].map((worker) =>
        asking.ask((id) => {
          tell(worker, { type: 'snapshot', id });
        }),
      ),
    );
    return options.render(answers.flatMap((a) => (a.status === 'fulfilled' ? [a.value] : [])));
  };
  const hire = (): Promise<string> => {
    const worker = cluster.fork();
    workers.add(worker);
    closeUntaken(worker);
    // What cannot be told to a worker that dies is of no use to it; its end is told by `exit`.
    worker.on('error', () => undefined);
    worker.once('exit', (code, signal) => {
      workers.delete(worker);
      const sinceMs = servingSince.get(worker);
      servingSince.delete(worker);
      if (isStopping) return;
      const servedMs = sinceMs === undefined ? 0 : performance.now() - sinceMs;
      const delayMs = backoff.next({ servedMs, othersServe: servingSince.size > 0 });
      log.error({ exit: code, signal, replaced_in_ms: delayMs }, 'a worker died');
      const timer = setTimeout(() => {
        timers.delete(timer);
        hire().catch((error: unknown) => {
          log.error({ reason: (error as Error).message }, 'the worker that replaces it could not start');
        });
      }, delayMs);
      timers.add(timer);
    });
    const ready = whenReady(worker, { databaseUrl, port, scrape, takeSnapshot: asking.answer });
    return ready.then((url) => {
      servingSince.set(worker, performance.now());
      return url;
    });
  };

  const stop = async () => {
    isStopping = true;
    for (const timer of timers) clearTimeout(timer);
    await Promise.all([...workers].map((worker) => dismiss(worker, options.stopTimeoutMs)));
  };
  // Whoever ends the primary process by force ends the workers as well.
  process.once('exit', () => {
    for (const worker of workers) worker.process.kill('SIGKILL');
  });
  try {
    const urls = await Promise.all(Array.from({ length: size }, hire));
    return { url: urls[0] ?? '', scrape, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface WorkerCalls extends Pick<CrewOptions, 'databaseUrl' | 'port'>, Pick<Crew, 'scrape'> {
  readonly takeSnapshot: (id: number, values: MetricsSnapshot) => void;
}

/** The URL on which the worker listens. What it asks for is answered from then on. */
function whenReady(
  worker: Worker,
  { databaseUrl, port, scrape, takeSnapshot }: WorkerCalls,
): Promise<string> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: ToPrimary) => {
      if (message.type === 'hello') tell(worker, { type: 'start', databaseUrl, port });
      else if (message.type === 'ready') resolve(message.url);
      else if (message.type === 'failed') {
        const { code, message: text, hint } = message.failure;
        reject(new StartError(code, text, hint));
      } else if (message.type === 'snapshot') takeSnapshot(message.id, message.values);
      else
        void scrape().then((text) => {
          tell(worker, { type: 'metrics', id: message.id, text });
        });
    });
    worker.once('exit', (code, signal) => {
      const how = (signal as string | null) === null ? `with code ${code}` : `by ${signal}`;
      reject(
        new StartError(
          'workers.failed',
          `a worker ended ${how} before it was ready`,
          'look at what it wrote before, or start with SHEAF_WORKERS=1',
        ),
      );
    });
  });
}

function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message);
}

function dismiss(worker: Worker, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (worker.isDead()) {
      resolve();
      return;
    }
    const force = setTimeout(() => worker.process.kill('SIGKILL'), timeoutMs);
    worker.once('exit', () => {
      clearTimeout(force);
      resolve();
    });
    tell(worker, { type: 'stop' });
  });
}
