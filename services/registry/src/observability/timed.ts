import { performance } from 'node:perf_hooks';
import type { Metrics, PublishPhase } from './metrics.js';

/** Measures a phase of a publish, whether it succeeds or not. Without metrics it is done all the same. */
export async function timedPhase<T>(
  metrics: Pick<Metrics, 'publishPhase'> | undefined,
  phase: PublishPhase,
  work: () => Promise<T>,
): Promise<T> {
  const startedMs = performance.now();
  try {
    return await work();
  } finally {
    metrics?.publishPhase(phase, performance.now() - startedMs);
  }
}
