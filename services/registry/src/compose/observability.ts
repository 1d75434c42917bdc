import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Config } from '../config.js';
import type { Metrics } from '../observability/metrics.js';
import { createPrometheus, type Prometheus } from '../observability/prometheus.js';
import { traceMetrics } from '../observability/traced-metrics.js';
import { noTracer, type Tracer } from '../observability/tracer.js';
import type { Closable } from './close-stack.js';

export interface Observability extends Closable {
  /** Of the service. */
  readonly version: string;
  readonly metrics: Metrics;
  readonly prometheus: Prometheus;
  readonly tracer: Tracer;
}

/** What is measured in this process. Traces, and what it takes to send them, are loaded only when a collector is named. */
export async function openObservability(config: Config['observability']): Promise<Observability> {
  const version = await readVersion();
  const prometheus = createPrometheus(version);
  const tracer = await openTracer(config, prometheus.metrics, version);
  const metrics =
    tracer === noTracer ? prometheus.metrics : traceMetrics(prometheus.metrics, tracer, () => Date.now());
  return { version, metrics, prometheus, tracer, close: () => tracer.close() };
}

async function openTracer(
  { otlpEndpoint, otlpHeaders, serviceName, traceRatio }: Config['observability'],
  metrics: Metrics,
  serviceVersion: string,
): Promise<Tracer> {
  if (otlpEndpoint === undefined) return noTracer;
  const [{ createOtlpExporter }, { createTracer }] = await Promise.all([
    import('../observability/otlp.js'),
    import('../observability/tracing.js'),
  ]);
  const exporter = createOtlpExporter({
    endpoint: otlpEndpoint,
    headers: otlpHeaders,
    resource: { serviceName, serviceVersion, instanceId: `${hostname()}-${process.pid}` },
    onDropped: (count) => {
      metrics.spansDropped(count);
    },
  });
  return createTracer({
    export: (span) => {
      exporter.export(span);
    },
    close: () => exporter.close(),
    now: () => performance.timeOrigin + performance.now(),
    isSampled: () => Math.random() < traceRatio,
  });
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
