import type { Plan } from '@sheaf/workflow';
import { createHash } from 'node:crypto';
import type { JournalEvent } from '../core/events.js';
import { checkPlan } from '../core/plan-check.js';
import type { RunState } from '../core/run-state.js';
import { EngineError } from '../errors.js';
import type { ProcessRunner } from '../ports.js';
import { KEPT_STEP } from './kept-step.js';
import { foldRun, notFound, readEvents, type FoldedRun } from './query.js';
import type { Runtime } from './runtime.js';

/** Ends what steps left running whose engine is dead, and gives the events that say so. */
export async function reapRunning(
  runtime: { readonly runner: Pick<ProcessRunner, 'reap'> },
  runId: string,
  state: RunState,
): Promise<readonly JournalEvent[]> {
  const interrupted: JournalEvent[] = [];
  await runtime.runner.reap({ runId, step: KEPT_STEP, process: undefined });
  for (const entry of state.running) {
    const step = entry.path;
    await runtime.runner.reap({ runId, step, process: entry.process });
    const reason = { code: 'step.interrupted', message: 'the engine ended while it ran' } as const;
    interrupted.push({ type: 'step.interrupted', step, attempt: entry.attempts, reason });
  }
  return interrupted;
}

/** A run as its journal has it. Throws EngineError `run.not_found`, `journal.corrupt`. */
export function readRun(
  runtime: Pick<Runtime, 'store'>,
  runId: string,
): FoldedRun & { readonly eventCount: number } {
  if (runtime.store.findRun(runId) === undefined) throw notFound(runId);
  const events = readEvents(runtime.store, runId);
  const folded = foldRun(runId, events);
  if (freezePlan(folded.started.plan).digest !== folded.started.planDigest) {
    throw new EngineError('journal.corrupt', `the plan of run ${runId} is not the one it started with`, {
      hint: 'start the run anew; its journal was changed or damaged',
    });
  }
  checkPlan(folded.started.plan);
  return { ...folded, eventCount: events.length };
}

/** The plan as the journal will give it back, so that a run and its resumption see the same, and its digest. */
export function freezePlan(plan: Plan): { readonly plan: Plan; readonly digest: string } {
  const text = JSON.stringify(plan);
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return { plan: JSON.parse(text) as Plan, digest };
}
