import type { Metrics } from './metrics.js';
import type { Tracer } from './tracer.js';

/** Metrics that also note what they measure as spans: whoever measures a phase need not know of traces. */
export function traceMetrics(metrics: Metrics, tracer: Tracer, now: () => number): Metrics {
  const note = (name: string, ms: number, attributes = {}, isError = false) => {
    const endMs = now();
    tracer.note(name, endMs - ms, endMs, attributes, isError);
  };
  return {
    ...metrics,
    publishPhase: (phase, ms) => {
      metrics.publishPhase(phase, ms);
      note(`publish.${phase}`, ms);
    },
    batch: (realm, leaves, ms) => {
      metrics.batch(realm, leaves, ms);
      note('log.batch', ms, { 'sheaf.realm': realm, 'sheaf.leaves': leaves });
    },
    blob: (operation, outcome, ms) => {
      metrics.blob(operation, outcome, ms);
      note(`blob.${operation}`, ms, {}, outcome === 'error');
    },
    job: (name, outcome, ms) => {
      metrics.job(name, outcome, ms);
      note(`job.${name}`, ms, {}, outcome === 'error');
    },
    search: (ms, candidates) => {
      metrics.search(ms, candidates);
      note('search', ms, { 'sheaf.candidates': candidates });
    },
  };
}
