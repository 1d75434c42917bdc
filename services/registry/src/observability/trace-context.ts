import { randomBytes } from 'node:crypto';

/** A span as others refer to it (W3C Trace Context). */
export interface TraceContext {
  /** 32 hex digits, not all zero. */
  readonly traceId: string;
  /** 16 hex digits, not all zero. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** Version 00 and later ones, of which only the fields of 00 are read (W3C Trace Context §4.1). */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;
const MAX_LENGTH = 200;

/** What a `traceparent` header refers to; undefined when there is none or it is malformed, and then a new trace begins. */
export function parseTraceparent(header: string): TraceContext | undefined {
  if (header.length > MAX_LENGTH) return undefined;
  const [, version, traceId, spanId, flags] = TRACEPARENT.exec(header) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === '00' && header.length !== 55) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** A new span below `parent`, or the first one of a new trace. */
export function childOf(parent: TraceContext | undefined, isSampled: boolean): TraceContext {
  return {
    traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    isSampled,
  };
}

/** What `traceparent` says of a span (W3C Trace Context §3.2). */
export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/**
 * The id of a request that is traced and brought none of its own. The audit keeps it, so what follows from the request much
 * later and in another process leads back to its span.
 */
export function requestIdOfSpan({ traceId, spanId }: TraceContext): string {
  return `${traceId}-${spanId}`;
}

/** The recorded span that {@link requestIdOfSpan} named; undefined for any other id. */
export function spanOfRequestId(requestId: string): TraceContext | undefined {
  const [, traceId, spanId] = /^(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})$/.exec(requestId) ?? [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId, isSampled: true };
}
