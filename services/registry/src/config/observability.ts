import { secretOf, textOf, urlOf, usageError, type Env } from './env.js';

/** Who may read the metrics, and where traces are sent. */
export interface ObservabilityConfig {
  /** Bearer token that opens `/metrics` to callers from elsewhere than this machine. */
  readonly metricsToken: string | undefined;
  /** Address of a second listener that serves `/metrics` alone, to everybody who reaches it. */
  readonly metricsListen: { readonly host: string; readonly port: number } | undefined;
  /** Base URL of an OpenTelemetry collector. Unset: no traces. */
  readonly otlpEndpoint: URL | undefined;
  /** Headers for it, such as an API key. */
  readonly otlpHeaders: Readonly<Record<string, string>>;
  readonly serviceName: string;
  /** Share of the traces that begin here that is recorded, from 0 to 1. */
  readonly traceRatio: number;
}

export const OBSERVABILITY_USAGE = `\
  SHEAF_METRICS_TOKEN       opens /metrics to whoever sends it as a bearer token (otherwise this machine only);
                            or SHEAF_METRICS_TOKEN_FILE
  SHEAF_METRICS_LISTEN      HOST:PORT of a listener that serves /metrics and /healthz alone
  OTEL_EXPORTER_OTLP_ENDPOINT  OpenTelemetry collector that traces are sent to, by OTLP over HTTP with JSON
  OTEL_EXPORTER_OTLP_HEADERS   headers for it: name=value, separated by commas; or with _FILE at the end
  OTEL_TRACES_SAMPLER_ARG   share of the traces that begin here that is recorded, from 0 to 1 (default 1)
  OTEL_SERVICE_NAME         name of this service in traces (default sheaf-registry)
`;

/** @throws StartError `usage.invalid` */
export function parseObservabilityConfig(env: Env): ObservabilityConfig {
  const listen = textOf(env, 'SHEAF_METRICS_LISTEN');
  return {
    metricsToken: parseToken(secretOf(env, 'SHEAF_METRICS_TOKEN')),
    metricsListen: listen === undefined ? undefined : parseListen(listen),
    otlpEndpoint: urlOf(env, 'OTEL_EXPORTER_OTLP_ENDPOINT'),
    otlpHeaders: parseHeaders(secretOf(env, 'OTEL_EXPORTER_OTLP_HEADERS') ?? ''),
    serviceName: textOf(env, 'OTEL_SERVICE_NAME') ?? 'sheaf-registry',
    traceRatio: parseRatio(textOf(env, 'OTEL_TRACES_SAMPLER_ARG') ?? '1'),
  };
}

function parseToken(token: string | undefined): string | undefined {
  if (token === undefined || /^[\x21-\x7e]{16,256}$/.test(token)) return token;
  throw usageError(
    'SHEAF_METRICS_TOKEN is not valid',
    'use 16 to 256 printable ASCII characters without spaces',
  );
}

/** `HOST:PORT`, with an IPv6 address in brackets. */
function parseListen(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535)
    throw usageError(
      `SHEAF_METRICS_LISTEN ${JSON.stringify(text)} is not an address`,
      'use HOST:PORT, such as 0.0.0.0:9464 or [::]:9464',
    );
  return { host, port: Number(port) };
}

function parseRatio(text: string): number {
  const ratio = /^(?:0|1|[01]?\.\d{1,6})$/.test(text) ? Number(text) : 2;
  if (ratio <= 1) return ratio;
  throw usageError(
    `OTEL_TRACES_SAMPLER_ARG ${JSON.stringify(text)} is not valid`,
    'use a number from 0 to 1, such as 0.1',
  );
}

function parseHeaders(text: string): Readonly<Record<string, string>> {
  if (text === '') return {};
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [, name, value] = /^\s*([A-Za-z0-9-]{1,100})=([\x20-\x7e]{0,4000}?)\s*$/.exec(pair) ?? [];
      if (name === undefined || value === undefined)
        throw usageError('OTEL_EXPORTER_OTLP_HEADERS is not valid', 'use name=value, separated by commas');
      return [name.toLowerCase(), value];
    }),
  );
}
