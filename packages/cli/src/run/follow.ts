import { setTimeout as sleep } from 'node:timers/promises';
import type { RunRecords, RunSummary } from '@sheaf/engine';

/** Where the log of each step was read up to. */
export type Offsets = Map<string, number>;

const POLL_MS = 200;
const CHUNK_BYTES = 256 * 1024;

/**
 * Hands on what the steps of a run write, whichever process runs them, until the run has ended; gives how it stands then. When
 * `signal` is aborted it gives how it stands at that time.
 */
export async function followRun(
  engine: RunRecords,
  run: {
    readonly runId: string;
    /** Steps that have written something: more of them as the run goes on. */
    readonly listSteps: () => Promise<readonly string[]>;
    readonly offsets: Offsets;
  },
  take: (step: string, chunk: Uint8Array) => void,
  signal: AbortSignal,
): Promise<RunSummary['status']> {
  for (;;) {
    // Asked before the logs are read: what a run wrote before its end is in them then.
    const { status } = engine.getSummary(run.runId);
    for (const step of await run.listSteps()) await readOn(engine, run, step, take);
    if (status !== 'running' || signal.aborted) return status;
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function readOn(
  engine: RunRecords,
  { runId, offsets }: { readonly runId: string; readonly offsets: Offsets },
  step: string,
  take: (step: string, chunk: Uint8Array) => void,
): Promise<void> {
  for (;;) {
    const offset = offsets.get(step) ?? 0;
    const chunk = await engine.readLogFrom(runId, step, offset, CHUNK_BYTES);
    if (chunk.length === 0) return;
    offsets.set(step, offset + chunk.length);
    take(step, chunk);
    if (chunk.length < CHUNK_BYTES) return;
  }
}
