import { quote } from '@sheaf/workflow';
import type { RerunRequest, RunResult } from '../api.js';
import type { JournalEvent } from '../core/events.js';
import { checkPlan } from '../core/plan-check.js';
import { reuseSteps } from '../core/reuse.js';
import { createState } from '../core/state.js';
import { EngineError } from '../errors.js';
import { drive, prepare } from './drive.js';
import { endInterrupted } from './cancel.js';
import { notFound } from './query.js';
import { freezePlan, readRun } from './journaled.js';
import type { Runtime } from './runtime.js';

/**
 * Runs again from a step on, as a new run in the folder of the earlier one. What the earlier one finished is taken over, with its
 * logs, as `reuseSteps` says. Throws EngineError `run.not_found`, `run.active`, `step.not_found`, `plan.invalid`, and as `runPlan`.
 */
export async function rerunFrom(
  runtime: Runtime,
  earlierId: string,
  request: RerunRequest,
): Promise<RunResult> {
  const row = runtime.store.findRun(earlierId);
  if (row === undefined) throw notFound(earlierId);
  if (row.status === 'running') await endInterrupted(runtime, earlierId);
  const { state: earlier, started } = readRun(runtime, earlierId);
  if (request.plan !== undefined && started.source.kind === 'registry') {
    throw new EngineError('plan.invalid', 'what was verified is run again by the plan that was verified', {
      hint: 'run the other version: sheaf run REF',
    });
  }
  const { plan, digest } = freezePlan(request.plan ?? started.plan);
  checkPlan(plan);
  if (!plan.steps.some((step) => step.id === request.from)) {
    throw new EngineError('step.not_found', `the plan has no step called ${quote(request.from)}`, {
      hint: `see its steps: sheaf status ${earlierId}`,
    });
  }
  const { from } = request;
  const bundleDir = request.bundleDir ?? started.bundleDir;
  const place = { runId: runtime.ids.newRunId(), plan, cwd: started.cwd, bundleDir };
  const prepared = await prepare(runtime, place, request);
  const begin: JournalEvent = {
    type: 'run.started',
    plan,
    planDigest: digest,
    source: started.source,
    cwd: started.cwd,
    ...(bundleDir === undefined ? {} : { bundleDir }),
    maxParallel: prepared.maxParallel,
    rerunOf: { runId: earlierId, from },
  };
  const reused = reuseSteps(earlier, earlierId, plan, from);
  runtime.makeRunDir(place.runId);
  for (const event of reused)
    if (event.type === 'step.reused') runtime.keepLog(earlierId, place.runId, event.step);
  const state = createState(plan, place.runId);
  return drive(runtime, prepared, { place, state, nextSeq: 0, first: [begin, ...reused] }, request);
}
