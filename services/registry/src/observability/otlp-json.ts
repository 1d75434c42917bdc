import type { FinishedSpan, SpanAttributes } from './tracer.js';

const KINDS = { internal: 1, server: 2, client: 3 } as const;
const STATUS_ERROR = 2;

export interface Resource {
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly instanceId: string;
}

/** An `ExportTraceServiceRequest` in the JSON encoding of OTLP 1.x: ids in hex, times as decimal text. */
export function encodeSpans(resource: Resource, spans: readonly FinishedSpan[]): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: {
          attributes: toAttributes({
            'service.name': resource.serviceName,
            'service.version': resource.serviceVersion,
            'service.instance.id': resource.instanceId,
          }),
        },
        scopeSpans: [
          { scope: { name: 'sheaf', version: resource.serviceVersion }, spans: spans.map(toSpan) },
        ],
      },
    ],
  });
}

function toSpan(span: FinishedSpan) {
  return {
    traceId: span.context.traceId,
    spanId: span.context.spanId,
    ...(span.parentSpanId !== undefined && { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: KINDS[span.kind],
    startTimeUnixNano: toNanoseconds(span.startMs),
    endTimeUnixNano: toNanoseconds(span.endMs),
    attributes: toAttributes(span.attributes),
    status: span.isError ? { code: STATUS_ERROR } : {},
  };
}

/** Exact: nanoseconds since the epoch are beyond what a number holds. */
function toNanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1_000_000)));
}

function toAttributes(attributes: SpanAttributes) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: toValue(value) }));
}

function toValue(value: string | number | boolean) {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
