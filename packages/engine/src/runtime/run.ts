import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Plan } from '@sheaf/workflow';
import type { ResumeOptions, RunControl, RunRequest, RunResult } from '../api.js';
import type { JournalEvent, ProcessIdentity } from '../core/events.js';
import { checkPlan } from '../core/plan-check.js';
import { createState, type RunState } from '../core/state.js';
import { EngineError } from '../errors.js';
import type { Ids, ProcessRunner } from '../ports.js';
import type { RunStore } from '../stores/sqlite/run-store.js';
import { attemptStarter } from './attempt.js';
import { driveRun } from './driver.js';
import { foldRun, notFound, readEvents, type FoldedRun } from './query.js';
import { checkRequirements } from './requirements.js';
import { runResult } from './result.js';

/** All that running needs of the machine. */
export interface Runtime {
  readonly store: RunStore;
  readonly runner: ProcessRunner;
  readonly ids: Ids;
  /** This process, as the owner of what it runs. */
  readonly owner: ProcessIdentity;
  readonly isAlive: (identity: ProcessIdentity) => boolean;
  readonly makeRunDir: (runId: string) => void;
  readonly inherited: Readonly<Record<string, string>>;
  readonly defaultParallel: number;
}

interface Place {
  readonly runId: string;
  readonly plan: Plan;
  readonly cwd: string;
  readonly bundleDir: string | undefined;
}

/** Runs a plan. Throws EngineError `plan.invalid`, `run.folder_missing`, `requirement.missing` before anything ran. */
export async function runPlan(runtime: Runtime, request: RunRequest): Promise<RunResult> {
  const { plan, digest } = freezePlan(request.plan);
  checkPlan(plan);
  const place = { runId: runtime.ids.newRunId(), plan, cwd: request.cwd, bundleDir: request.bundleDir };
  const prepared = await prepare(runtime, place, request);
  const state = createState(plan, place.runId);
  const started: JournalEvent = {
    type: 'run.started',
    plan,
    planDigest: digest,
    source: request.source,
    cwd: request.cwd,
    ...(request.bundleDir === undefined ? {} : { bundleDir: request.bundleDir }),
    maxParallel: prepared.maxParallel,
  };
  runtime.makeRunDir(place.runId);
  return drive(runtime, prepared, { place, state, nextSeq: 0, first: [started] }, request);
}

/**
 * Goes on with a run. What finished is not run again; what ran when the engine died is ended if it still lives, and then is run
 * again as a new attempt. Throws EngineError `run.not_found`, `run.active`, `journal.corrupt`, `process.stuck`.
 */
export async function resumeRun(runtime: Runtime, runId: string, options: ResumeOptions): Promise<RunResult> {
  const before = readRun(runtime, runId);
  if (hasEnded(before.state)) return runResult(before.state, runId);
  const { started } = before;
  const bundleDir = options.bundleDir ?? before.bundleDir;
  const place = { runId, plan: started.plan, cwd: started.cwd, bundleDir };
  runtime.store.claim(runId, runtime.owner, runtime.isAlive);
  let claimed = true;
  try {
    // Read again: until the claim another process could go on with it.
    const { state, eventCount } = readRun(runtime, runId);
    if (hasEnded(state)) return runResult(state, runId);
    const prepared = await prepare(runtime, place, options);
    const interrupted = await reapRunning(runtime, runId, state);
    runtime.makeRunDir(runId);
    const resumed: JournalEvent = {
      type: 'run.resumed',
      maxParallel: prepared.maxParallel,
      ...(options.bundleDir === undefined ? {} : { bundleDir: options.bundleDir }),
    };
    claimed = false;
    const work = { place, state, nextSeq: eventCount, first: [resumed, ...interrupted] };
    return await drive(runtime, prepared, work, options);
  } finally {
    if (claimed) runtime.store.release(runId, runtime.owner);
  }
}

interface Prepared {
  readonly shells: Awaited<ReturnType<typeof checkRequirements>>;
  readonly maxParallel: number;
}

async function prepare(runtime: Runtime, place: Place, control: RunControl): Promise<Prepared> {
  checkFolder(place.cwd, 'working folder');
  if (place.bundleDir !== undefined) checkFolder(place.bundleDir, 'bundle folder');
  const shells = await checkRequirements(place.plan, runtime.inherited);
  const maxParallel = Math.max(1, Math.floor(control.maxParallel ?? runtime.defaultParallel));
  return { shells, maxParallel };
}

interface Work {
  readonly place: Place;
  readonly state: RunState;
  readonly nextSeq: number;
  readonly first: readonly JournalEvent[];
}

async function drive(
  runtime: Runtime,
  prepared: Prepared,
  { place, state, nextSeq, first }: Work,
  control: RunControl,
): Promise<RunResult> {
  const { runId, plan, cwd, bundleDir } = place;
  const startAttempt = attemptStarter({
    runner: runtime.runner,
    plan,
    runId,
    cwd,
    ...(bundleDir === undefined ? {} : { bundleDir }),
    inherited: runtime.inherited,
    shells: prepared.shells,
  });
  const journal = runtime.store.openJournal(runId, nextSeq, runtime.owner);
  try {
    await driveRun({ journal, startAttempt }, state, first, control);
    return runResult(state, runId);
  } catch (error) {
    abandon(runtime, runId);
    throw error;
  }
}

/** Lets the run be resumed at once. When the store is what failed, the end of this process does the same. */
function abandon(runtime: Runtime, runId: string): void {
  try {
    runtime.store.release(runId, runtime.owner);
  } catch {
    return;
  }
}

async function reapRunning(
  runtime: Runtime,
  runId: string,
  state: RunState,
): Promise<readonly JournalEvent[]> {
  const interrupted: JournalEvent[] = [];
  for (const entry of state.running) {
    const step = entry.step.id;
    await runtime.runner.reap({ runId, step, process: entry.process });
    const reason = { code: 'step.interrupted', message: 'the engine ended while it ran' } as const;
    interrupted.push({ type: 'step.interrupted', step, attempt: entry.attempts, reason });
  }
  return interrupted;
}

function readRun(runtime: Runtime, runId: string): FoldedRun & { readonly eventCount: number } {
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

/** A cancelled run may be gone on with; one that succeeded or failed has its result. */
function hasEnded(state: RunState): boolean {
  return state.end !== undefined && state.end.status !== 'cancelled';
}

/** The plan as the journal will give it back, so that a run and its resumption see the same, and its digest. */
function freezePlan(plan: Plan): { readonly plan: Plan; readonly digest: string } {
  const text = JSON.stringify(plan);
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return { plan: JSON.parse(text) as Plan, digest };
}

function checkFolder(path: string, what: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new EngineError('run.folder_missing', `the ${what} ${path} of the run is not there`, {
    hint: 'make it again, or start the run anew',
  });
}
