import { AsyncLocalStorage } from 'node:async_hooks';
import { childOf, type TraceContext } from './trace-context.js';
import type { FinishedSpan, SpanAttributes, Tracer } from './tracer.js';

export interface TracingDeps {
  /** Takes what is over; returns at once. */
  readonly export: (span: FinishedSpan) => void;
  /** Exports what is held, and stops. */
  readonly close: () => Promise<void>;
  readonly now: () => number;
  /** Whether a trace that begins here is recorded; one that began elsewhere says so itself. */
  readonly isSampled: () => boolean;
}

/** Loaded only when traces are exported: knowing the span in progress costs something at every await. */
export function createTracer(deps: TracingDeps): Tracer {
  const active = new AsyncLocalStorage<TraceContext>();
  /** A caller that does not record its part leaves it to us whether we record ours. */
  const begin = (local: TraceContext | undefined, remote?: TraceContext) =>
    childOf(remote ?? local, remote?.isSampled === true || (local?.isSampled ?? deps.isSampled()));
  return {
    span: async (name, options, work) => {
      const local = active.getStore();
      const parent = options.parent ?? local;
      const context = begin(options.parent ? undefined : local, options.parent);
      if (!context.isSampled) return active.run(context, () => work(undefined));
      const startMs = deps.now();
      const attributes: Record<string, string | number | boolean> = {};
      let shownName = name;
      let isError = false;
      try {
        return await active.run(context, () =>
          work({
            context,
            set: (more) => void Object.assign(attributes, more),
            rename: (better) => {
              shownName = better;
            },
            fail: () => {
              isError = true;
            },
          }),
        );
      } catch (error) {
        isError = true;
        throw error;
      } finally {
        deps.export({
          name: shownName,
          kind: options.kind ?? 'internal',
          context,
          parentSpanId: parent?.spanId,
          startMs,
          endMs: deps.now(),
          attributes,
          isError,
        });
      }
    },
    note: (name, startMs, endMs, attributes: SpanAttributes = {}, isError = false) => {
      const parent = active.getStore();
      const context = begin(parent);
      if (!context.isSampled) return;
      deps.export({
        name,
        kind: 'internal',
        context,
        parentSpanId: parent?.spanId,
        startMs,
        endMs,
        attributes,
        isError,
      });
    },
    current: () => active.getStore(),
    close: deps.close,
  };
}
