import type { Plan } from '@sheaf/workflow';
import type { ResumeOptions, RunRequest, RunResult } from '../api.js';
import type { JournalEvent } from '../core/events.js';
import { checkPlan } from '../core/plan-check.js';
import type { RunState } from '../core/run-state.js';
import { createState } from '../core/state.js';
import { sweepFiles } from './artifacts.js';
import { EngineError } from '../errors.js';
import { drive, folderMissing, heldBy, prepare } from './drive.js';
import { sweepKept } from './kept-workspaces.js';
import { freezePlan, readRun, reapRunning } from './journaled.js';
import { runResult } from './result.js';
import { openWorkspace, takeWorkspace, workspaceDeps } from './run-workspace.js';
import type { Runtime } from './runtime.js';
import { startDecisions } from './start-decisions.js';

/** Runs a plan. Throws EngineError `plan.invalid`, `run.folder_missing`, `requirement.missing` before anything ran. */
export async function runPlan(runtime: Runtime, request: RunRequest): Promise<RunResult> {
  const { plan, digest } = freezePlan(request.plan);
  checkPlan(plan);
  assertKeepable(plan, request.workspace);
  await sweepFiles(runtime);
  const workspaces = workspaceDeps(runtime);
  await sweepKept(workspaces);
  const { cwd, bundleDir, bundleDirs, keepWorkspace = false, signal } = request;
  const { workspace: choice = { kind: 'inherit' } } = request;
  const before = { runId: runtime.ids.newRunId(), plan, cwd, bundleDir, bundleDirs };
  const prepared = await prepare(runtime, before, request);
  const wanted = { runId: before.runId, cwd, keep: keepWorkspace, signal };
  const workspace = await openWorkspace(workspaces, choice, wanted);
  const place = { ...before, cwd: workspace.cwd, workspace, choice };
  const state = createState(plan, place.runId);
  const started: JournalEvent = {
    type: 'run.started',
    plan,
    planDigest: digest,
    source: request.source,
    cwd,
    ...(bundleDir === undefined ? {} : { bundleDir }),
    ...(bundleDirs === undefined ? {} : { bundleDirs }),
    maxParallel: prepared.maxParallel,
    ...heldBy(prepared, request),
    ...(choice.kind === 'inherit' ? {} : { workspace: choice }),
    ...(request.skip === undefined ? {} : { skip: request.skip }),
  };
  runtime.makeRunDir(place.runId);
  return drive(
    runtime,
    prepared,
    {
      place,
      state,
      nextSeq: 0,
      first: [started, ...workspace.events, ...startDecisions(prepared, undefined, request)],
    },
    request,
  );
}

/**
 * Goes on with a run. What finished is not run again; what ran when the engine died is ended if it still lives, and then is run
 * again as a new attempt. Throws EngineError `run.not_found`, `run.active`, `journal.corrupt`, `process.stuck`.
 */
export async function resumeRun(runtime: Runtime, runId: string, options: ResumeOptions): Promise<RunResult> {
  const folded = readRun(runtime, runId);
  if (hasEnded(folded.state)) return runResult(folded.state, runId);
  const { started } = folded;
  const { bundleDir = folded.bundleDir, bundleDirs = folded.bundleDirs } = options;
  const before = {
    runId,
    plan: started.plan,
    cwd: folded.workDir,
    bundleDir,
    bundleDirs,
    profile: folded.isolation.profile,
  };
  runtime.store.claim(runId, runtime.owner, runtime.isAlive);
  let claimed = true;
  try {
    // Read again: until the claim another process could go on with it.
    const { state, eventCount, begun } = readRun(runtime, runId);
    if (hasEnded(state)) return runResult(state, runId);
    const prepared = await prepare(runtime, before, options);
    const interrupted = await reapRunning(runtime, runId, state);
    const keep = options.keepWorkspace;
    const workspace =
      folded.workspace && (await takeWorkspace(workspaceDeps(runtime), folded.workspace, { runId, keep }));
    if (folded.workspace !== undefined && workspace === undefined) throw folderMissing(before.cwd);
    const place = { ...before, workspace, choice: started.workspace };
    runtime.makeRunDir(runId);
    const resumed: JournalEvent = {
      type: 'run.resumed',
      maxParallel: prepared.maxParallel,
      ...heldBy(prepared, options),
      ...(options.bundleDir === undefined ? {} : { bundleDir: options.bundleDir }),
      ...(options.bundleDirs === undefined ? {} : { bundleDirs: options.bundleDirs }),
    };
    const decisions = startDecisions(prepared, folded.isolation.profile, options);
    claimed = false;
    const work = { place, state, nextSeq: eventCount, first: [resumed, ...decisions, ...interrupted], begun };
    return await drive(runtime, prepared, work, options);
  } finally {
    if (claimed) runtime.store.release(runId, runtime.owner);
  }
}

/** A cancelled run may be gone on with; one that succeeded or failed has its result. */
function hasEnded(state: RunState): boolean {
  return state.end !== undefined && state.end.status !== 'cancelled';
}

/** Artifacts are copied when the run ends: then what an attempt had for itself is gone. */
function assertKeepable({ artifacts }: Plan, workspace: RunRequest['workspace']): void {
  if (workspace?.kind !== 'ephemeral' || Object.keys(artifacts).length === 0) return;
  throw new EngineError(
    'workspace.unusable',
    'the workflow keeps artifacts, and files of an ephemeral workspace go with its step',
    { hint: 'one for the whole run: --workspace run' },
  );
}
