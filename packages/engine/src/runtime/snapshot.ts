import type { RunDetails, RunSummary, StepResult } from '../api.js';
import { bareRecord } from '../core/bare.js';
import type { RunStore } from '../stores/sqlite/run-store.js';

/** Runs of fewer steps are folded from their journals in a moment. */
export const SNAPSHOT_STEPS = 500;

type Snapshot = Omit<RunDetails, keyof RunSummary | 'plan'>;

/** A run that ended as it was kept at its end; undefined where it was not, or has gone on since. */
export function findSnapshot(store: RunStore, summary: RunSummary): RunDetails | undefined {
  if (summary.status === 'running' || summary.status === 'interrupted') return undefined;
  const body = store.snapshots.find(summary.runId);
  const started = body === undefined ? undefined : store.readFirst(summary.runId);
  if (body === undefined || started?.type !== 'run.started') return undefined;
  const kept = JSON.parse(body) as Snapshot;
  const { plan } = started;
  const steps = Object.assign(Object.create(null) as Record<string, StepResult>, kept.steps);
  return { ...summary, plan, ...kept, outputs: bareRecord(kept.outputs), steps };
}

/** Keeps what the journal of a run that ended amounts to, but for its plan, which is the journal's first event. */
export function keepSnapshot(store: RunStore, details: RunDetails): void {
  const kept = Object.entries(details).filter(([key]) => !KNOWN.has(key));
  store.snapshots.keep(details.runId, JSON.stringify(Object.fromEntries(kept)));
}

const KNOWN: ReadonlySet<string> = new Set<keyof RunSummary | 'plan'>([
  ...(['runId', 'workflow', 'version', 'status', 'startedAt', 'finishedAt', 'source'] as const),
  'plan',
]);
