import { quote, type Plan } from '@sheaf/workflow';
import type { RerunRequest, RunResult } from '../api.js';
import type { JournalEvent, Redone } from '../core/events.js';
import { checkPlan } from '../core/plan-check.js';
import { reuseSteps } from '../core/reuse.js';
import type { RunState } from '../core/run-state.js';
import { createState } from '../core/state.js';
import { EngineError } from '../errors.js';
import { isWithin } from './logs.js';
import { drive, heldBy, prepare } from './drive.js';
import { endInterrupted } from './cancel.js';
import { notFound } from './query.js';
import { freezePlan, readRun } from './journaled.js';
import { openWorkspace, takeWorkspace, workspaceDeps, type RunWorkspace } from './run-workspace.js';
import type { Runtime } from './runtime.js';
import { startDecisions } from './start-decisions.js';

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
  const { state: earlier, started, isolation, ...folded } = readRun(runtime, earlierId);
  if (started.source.kind === 'registry') assertSameRelease(started.plan, request);
  const { plan, digest } = freezePlan(request.plan ?? started.plan);
  checkPlan(plan);
  const { from, skip, bundleDir = started.bundleDir, bundleDirs = started.bundleDirs } = request;
  for (const step of [...(from === undefined ? [] : [from]), ...(skip ?? [])])
    assertStep(earlier, plan, step);
  const runId = runtime.ids.newRunId();
  const before = { runId, plan, cwd: started.cwd, bundleDir, bundleDirs, profile: isolation.profile };
  const prepared = await prepare(runtime, before, request);
  const workspace = await workspaceOf(runtime, { earlierId, started, folded, runId, request });
  const place = { ...before, cwd: workspace.cwd, workspace, choice: started.workspace };
  const { events, redone } = reuseSteps(earlier, plan, from);
  const begin: JournalEvent = {
    type: 'run.started',
    plan,
    planDigest: digest,
    source: request.source ?? started.source,
    cwd: started.cwd,
    ...(bundleDir === undefined ? {} : { bundleDir }),
    ...(bundleDirs === undefined ? {} : { bundleDirs }),
    maxParallel: prepared.maxParallel,
    ...heldBy(prepared, request),
    ...(started.workspace === undefined ? {} : { workspace: started.workspace }),
    rerunOf: {
      runId: earlierId,
      ...(from === undefined ? {} : { from }),
      redone: withoutSkipped(redone, skip),
    },
    ...(skip === undefined ? {} : { skip }),
  };
  const reused = withoutSkipped(events, skip);
  runtime.makeRunDir(place.runId);
  for (const event of reused)
    if (event.type === 'step.reused') runtime.keepLog(earlierId, place.runId, event.step);
  const state = createState(plan, place.runId);
  return drive(
    runtime,
    prepared,
    {
      place,
      state,
      nextSeq: 0,
      first: [begin, ...workspace.events, ...startDecisions(prepared, isolation.profile, request), ...reused],
    },
    request,
  );
}

interface Earlier {
  readonly earlierId: string;
  readonly started: ReturnType<typeof readRun>['started'];
  readonly folded: Pick<ReturnType<typeof readRun>, 'workspace' | 'lastWorkspace'>;
  readonly runId: string;
  readonly request: Pick<RerunRequest, 'keepWorkspace' | 'signal'>;
}

/** That of the earlier run with all that is in it; where it is gone, one of the same commit. */
async function workspaceOf(
  runtime: Runtime,
  { earlierId, started, folded, runId, request }: Earlier,
): Promise<RunWorkspace> {
  const deps = workspaceDeps(runtime);
  const { workspace, lastWorkspace } = folded;
  const { keepWorkspace: keep, signal } = request;
  const taken = workspace && (await takeWorkspace(deps, workspace, { runId, keep, from: earlierId }));
  if (taken !== undefined) return taken;
  const wanted = { runId, cwd: started.cwd, keep: keep ?? false, signal, commit: lastWorkspace?.head };
  return openWorkspace(deps, started.workspace ?? { kind: 'inherit' }, wanted);
}

/** What was verified is run again as it was verified; only what its parameters are may differ. */
function assertSameRelease(earlier: Plan, { plan = earlier, source }: RerunRequest): void {
  const { id, version } = plan.workflow;
  if (source === undefined && id === earlier.workflow.id && version === earlier.workflow.version) return;
  throw new EngineError('plan.invalid', 'what was verified is run again by the plan that was verified', {
    hint: 'run the other version: sheaf run REF',
  });
}

/** A step of the plan, or one that the earlier run had opened in a step of it. */
function assertStep(earlier: RunState, plan: Plan, step: string): void {
  if (earlier.steps.has(step) || plan.steps.some(({ id }) => id === step)) return;
  throw new EngineError('step.not_found', `the plan has no step called ${quote(step)}`, {
    hint: `see its steps: sheaf status ${earlier.runId}`,
  });
}

/** What is to be left out is not taken over either, nor done again. */
function withoutSkipped<E extends JournalEvent | Redone>(
  events: readonly E[],
  skip: readonly string[] | undefined,
): readonly E[] {
  if (skip === undefined) return events;
  return events.filter((event) => {
    const step = 'step' in event ? event.step : undefined;
    return step === undefined || !skip.some((each) => isWithin(step, each));
  });
}
