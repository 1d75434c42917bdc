import { encodeSpans, type Resource } from './otlp-json.js';
import type { FinishedSpan } from './tracer.js';

export interface ExporterOptions {
  /** Base URL of the collector; `/v1/traces` is added. */
  readonly endpoint: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Resource;
  readonly onDropped: (count: number) => void;
  readonly flushEveryMs?: number;
  readonly maxQueued?: number;
}

export interface SpanExporter {
  export(span: FinishedSpan): void;
  /** Sends what is held, once, and stops. */
  close(): Promise<void>;
}

const FLUSH_EVERY_MS = 2_000;
const MAX_QUEUED = 4_096;
const MAX_BATCH = 512;
const TIMEOUT_MS = 5_000;

/**
 * Sends spans by OTLP over HTTP with JSON, one request at a time. What comes while the queue is full, and what the
 * collector does not take, is dropped and counted: nobody waits for a collector.
 */
export function createOtlpExporter(options: ExporterOptions): SpanExporter {
  const { maxQueued = MAX_QUEUED, onDropped } = options;
  const url = new URL(`${options.endpoint.href.replace(/\/$/, '')}/v1/traces`);
  const queue: FinishedSpan[] = [];
  let sending: Promise<void> | undefined;
  const flush = () => (sending ??= sendAll().finally(() => (sending = undefined)));
  const sendAll = async () => {
    for (let spans = queue.splice(0, MAX_BATCH); spans.length > 0; spans = queue.splice(0, MAX_BATCH))
      if (!(await send(url, options, spans))) onDropped(spans.length);
  };
  const timer = setInterval(() => void flush(), options.flushEveryMs ?? FLUSH_EVERY_MS);
  timer.unref();
  return {
    export: (span) => {
      if (queue.length >= maxQueued) onDropped(1);
      else if (queue.push(span) >= MAX_BATCH) void flush();
    },
    close: async () => {
      clearInterval(timer);
      await sending;
      await flush();
    },
  };
}

async function send(
  url: URL,
  { headers, resource }: ExporterOptions,
  spans: readonly FinishedSpan[],
): Promise<boolean> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: encodeSpans(resource, spans),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
