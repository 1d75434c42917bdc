import type { Logger } from 'pino';
import { openBase } from '../compose/base.js';
import type { MetricsSnapshot } from '../observability/prometheus.js';
import { createCloseStack, type Closable } from '../compose/close-stack.js';
import { openServing } from '../compose/serving.js';
import type { Config } from '../config.js';
import { describeError } from '../describe-error.js';
import { startSmall } from '../start-small.js';
import { createAsking } from './asking.js';
import type { Failure, ToPrimary, ToWorker } from './messages.js';

const SCRAPE_TIMEOUT_MS = 5_000;

/** A worker of {@link startCluster}: serves requests until the primary process says stop. Returns the exit code. */
export async function runWorker(config: Config, log: Logger): Promise<number> {
  const asking = createAsking<string>(SCRAPE_TIMEOUT_MS);
  const scrape = () =>
    asking.ask((id) => {
      tell({ type: 'scrape', id });
    });
  let running: Promise<Worker> | undefined;
  const exitCode = await new Promise<number>((resolve) => {
    process.on('message', (message: ToWorker) => {
      if (message.type === 'start') {
        const database = { ...config.database, url: message.databaseUrl };
        const server = { ...config.server, port: message.port };
        running ??= startSmall(() => serve({ ...config, server, database }, log, scrape));
        running.then(
          ({ url }) => {
            tell({ type: 'ready', url });
          },
          (error: unknown) => {
            process.send?.({ type: 'failed', failure: toFailure(error) } satisfies ToPrimary, () => {
              resolve(1);
            });
          },
        );
      } else if (message.type === 'metrics') asking.answer(message.id, message.text);
      else if (message.type === 'snapshot')
        void running
          ?.then((worker) => worker.snapshot())
          .then((values) => {
            tell({ type: 'snapshot', id: message.id, values });
          });
      else
        void Promise.resolve(running)
          .then((worker) => worker?.close())
          .then(
            () => {
              resolve(0);
            },
            (error: unknown) => {
              // Of a start that failed the primary process has been told already.
              log.error({ error: describeError(error) }, 'a worker could not stop as it should');
              resolve(1);
            },
          );
    });
    tell({ type: 'hello' });
  });
  // Nothing is left to be told, and the channel would keep the process.
  process.disconnect();
  return exitCode;
}

interface Worker extends Closable {
  readonly url: string;
  snapshot(): Promise<MetricsSnapshot>;
}

async function serve(config: Config, log: Logger, scrape: () => Promise<string>): Promise<Worker> {
  const stack = createCloseStack();
  try {
    const base = stack.add(await openBase(config, log, { duty: 'trust' }));
    const { url } = stack.add(await openServing(base, { scrape, hasMetricsListener: false }));
    const { prometheus } = base.observability;
    return { url, snapshot: () => prometheus.snapshot(), close: () => stack.close() };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

function tell(message: ToPrimary): void {
  if (process.connected) process.send?.(message);
}

function toFailure(error: unknown): Failure {
  const { code, message, hint } = error as Partial<Failure>;
  return {
    code: typeof code === 'string' ? code : 'workers.failed',
    message: message ?? 'a worker could not start',
    hint: hint ?? 'look at what it wrote before',
  };
}
