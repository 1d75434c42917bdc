import type { TraceContext } from './trace-context.js';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work that is over. Times in milliseconds since the epoch. */
export interface FinishedSpan {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'internal';
  readonly context: TraceContext;
  readonly parentSpanId: string | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  readonly isError: boolean;
}

export interface SpanOptions {
  readonly kind?: FinishedSpan['kind'];
  /** The span it belongs to; the one that is in progress when left out. */
  readonly parent?: TraceContext | undefined;
}

/** What work in a span may say of it. */
export interface Span {
  readonly context: TraceContext;
  set(attributes: SpanAttributes): void;
  /** Names it anew, once it is known what it is. */
  rename(name: string): void;
  fail(): void;
}

/** Tells what took how long, and as a part of what. */
export interface Tracer {
  /** Does work in a span. A throw marks it as failed and goes on. */
  span<T>(name: string, options: SpanOptions, work: (span: Span | undefined) => Promise<T>): Promise<T>;
  /** Notes work that is over already, as a part of the span in progress. */
  note(name: string, startMs: number, endMs: number, attributes?: SpanAttributes, isError?: boolean): void;
  /** The span in progress, for whoever hands work on. */
  current(): TraceContext | undefined;
  /** Exports what is held, and stops. */
  close(): Promise<void>;
}

/** Traces nothing, at no cost. */
export const noTracer: Tracer = {
  span: (_name, _options, work) => work(undefined),
  note: () => undefined,
  current: () => undefined,
  close: () => Promise.resolve(),
};
