import type { Plan } from '@sheaf/workflow';
import { statSync } from 'node:fs';
import type { RunControl, RunResult } from '../api.js';
import type { KeepCommand } from '../core/command.js';
import type { JournalEvent, RunIsolation } from '../core/events.js';
import type { RunRules } from '../core/rules.js';
import type { RunState } from '../core/run-state.js';
import type { WorkspaceChoice } from '../core/workspace-events.js';
import { EngineError } from '../errors.js';
import type { HeldSecrets } from '../secrets/held-secrets.js';
import type { Profile } from '../isolation/profile.js';
import { prepareProtection, type Protection } from '../isolation/protection.js';
import { keepArtifact } from './artifacts.js';
import { offerTools } from './action-port.js';
import { attemptStarter } from './attempt.js';
import { createKeeper } from './kept.js';
import { watchRequests } from './request-watch.js';
import { driveRun } from './driver.js';
import { listWork } from './plan-work.js';
import { checkRequirements } from './requirements.js';
import { foldDetails, getSummary } from './query.js';
import { runResult } from './result.js';
import { keepSnapshot, SNAPSHOT_STEPS } from './snapshot.js';
import { ephemeralWorkspaces, workspaceDeps, type RunWorkspace } from './run-workspace.js';
import type { Runtime } from './runtime.js';

/** A run, and where it runs. */
export interface Place {
  readonly runId: string;
  readonly plan: Plan;
  readonly cwd: string;
  readonly bundleDir: string | undefined;
  /** Of what the plan calls, by its key there. */
  readonly bundleDirs: Readonly<Record<string, string>> | undefined;
  /** That of the run before, where it is gone on with. */
  readonly profile?: Profile | undefined;
  /** What `cwd` is in, where that is to be closed at the end. */
  readonly workspace?: RunWorkspace | undefined;
  /** What was chosen; unset: `inherit`. */
  readonly choice?: WorkspaceChoice | undefined;
}

export interface Prepared {
  readonly shells: Awaited<ReturnType<typeof checkRequirements>>;
  readonly maxParallel: number;
  readonly protection: Protection;
}

export async function prepare(runtime: Runtime, place: Place, control: RunControl): Promise<Prepared> {
  checkFolder(place.cwd, 'working folder');
  for (const folder of listBundleDirs(place).values()) checkFolder(folder, 'bundle folder');
  for (const { kind } of listWork(place.plan)) {
    if (kind !== 'script') continue;
    runtime.actions.expectScript?.();
    break;
  }
  const shells = await checkRequirements(place.plan, runtime.inherited);
  const asked = Math.max(1, Math.floor(control.maxParallel ?? runtime.defaultParallel));
  const maxParallel = Math.min(asked, control.rules?.maxParallel ?? asked);
  const profile = control.profile ?? place.profile ?? 'permissive';
  const protection = await prepareProtection(runtime.protection, place.plan, {
    profile,
    signal: control.signal,
  });
  return { shells, maxParallel, protection };
}

/** What is to be driven, and what its journal begins with or goes on with. */
export interface Work {
  readonly place: Place;
  readonly state: RunState;
  readonly nextSeq: number;
  readonly first: readonly JournalEvent[];
  readonly begun?: ReadonlyMap<string, number>;
}

/** What the journal says of how a run is protected. */
function isolationOf({ protection }: Prepared): RunIsolation {
  const { profile, confinement } = protection;
  return { profile, sandbox: confinement === undefined ? 'none' : 'bwrap' };
}

/** What the journal of a run, or of its resumption, says of how it is held. */
export function heldBy(
  prepared: Prepared,
  control: RunControl,
): { readonly isolation: RunIsolation; readonly rules?: RunRules } {
  const { rules } = control;
  return { isolation: isolationOf(prepared), ...(rules === undefined ? {} : { rules }) };
}

/** Drives a run to its end, listening also to what other processes ask of it. */
export async function drive(
  runtime: Runtime,
  prepared: Prepared,
  { place, state, nextSeq, first, begun }: Work,
  control: RunControl,
): Promise<RunResult> {
  const { runId, cwd } = place;
  const isContinued = first.some(({ type }) => type === 'run.resumed' || type === 'step.reused');
  if (isContinued) await recall(prepared.protection.secrets, place.plan);
  const keep = control.keepWorkspace ?? false;
  const ephemeral = ephemeralWorkspaces(workspaceDeps(runtime), place.choice, { runId, cwd, keep });
  const keeper = createKeeper();
  const startAttempt = attemptStarter({
    keeper,
    runner: runtime.runner,
    state,
    runId,
    cwd,
    bundleDirs: listBundleDirs(place),
    inherited: runtime.inherited,
    shells: prepared.shells,
    actions: control.tools === undefined ? runtime.actions : offerTools(runtime.actions, control.tools),
    cache: runtime.cache,
    protection: prepared.protection,
    leases: runtime.leases,
    runDir: runtime.runDir,
    time: runtime.time,
    graceMs: runtime.graceMs,
    ...(ephemeral === undefined ? {} : { ephemeral }),
  });
  const journal = runtime.store.openJournal(runId, nextSeq, runtime.owner);
  const watch = watchRequests(runtime.store, runId);
  try {
    const keep = (command: KeepCommand): Promise<readonly JournalEvent[]> =>
      keepArtifact(
        { runDir: runtime.runDir(runId), cwd, rules: control.rules, now: () => runtime.time.now() },
        command,
      );
    const deps = { journal, startAttempt, keepArtifact: keep, time: runtime.time, ...(begun && { begun }) };
    await driveRun(deps, state, first, {
      ...control,
      onReceive: watch.listen,
      signal: anySignal(control.signal, watch.stop),
      killSignal: anySignal(control.killSignal, watch.kill),
    });
    const last = await place.workspace?.close(state.end?.status === 'succeeded');
    if (last !== undefined && last.length > 0)
      for (const event of await journal.append(last, { durable: false })) control.onEvent?.(event);
    const result = runResult(state, runId);
    if (state.steps.size >= SNAPSHOT_STEPS) keepLongRun(runtime, runId);
    // A sandbox that can no longer be made fails every step.
    if (result.status === 'failed' && prepared.protection.confinement !== undefined)
      runtime.protection.doubtSandboxing();
    return result;
  } catch (error) {
    abandon(runtime, runId);
    await place.workspace?.close(false).catch(() => undefined);
    throw error;
  } finally {
    watch.close();
    await keeper.close();
  }
}

/** What an earlier process gave to its steps may be in their files: it is hidden again, where it can still be had. */
async function recall(secrets: HeldSecrets, plan: Plan): Promise<void> {
  for (const name of new Set(plan.permissions.secrets)) await secrets.load(name).catch(() => undefined);
}

function listBundleDirs({ bundleDir, bundleDirs = {} }: Place): ReadonlyMap<string, string> {
  const folders = new Map(Object.entries(bundleDirs));
  if (bundleDir !== undefined) folders.set('', bundleDir);
  return folders;
}

function anySignal(one: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  return one === undefined ? other : AbortSignal.any([one, other]);
}

/** The run has ended, and its journal says how: without a copy of that it only takes longer to look at. */
function keepLongRun(runtime: Runtime, runId: string): void {
  try {
    keepSnapshot(runtime.store, foldDetails(runtime.store, getSummary(runtime, runId)));
  } catch {
    return;
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

function checkFolder(path: string, what: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw folderMissing(path, what);
}

export function folderMissing(path: string, what = 'working folder'): EngineError {
  return new EngineError('run.folder_missing', `the ${what} ${path} of the run is not there`, {
    hint: 'make it again, or start the run anew',
  });
}
