import { quote } from '@sheaf/workflow';
import type { DecisionEvent, RunDetails, RunFilter, RunSummary, StepResult } from '../api.js';
import type { JournalEvent, ProcessIdentity, RunEvent, RunIsolation } from '../core/events.js';
import type { RunState } from '../core/run-state.js';
import { applyEvent, createState } from '../core/state.js';
import { workspaceOf, type Workspace } from '../core/workspace-events.js';
import { EngineError } from '../errors.js';
import type { RunRow, RunStore } from '../stores/sqlite/run-store.js';
import { errorOf, stepResults } from './result.js';
import { findSnapshot } from './snapshot.js';

export interface QueryDeps {
  readonly store: RunStore;
  readonly isAlive: (identity: ProcessIdentity) => boolean;
}

/** Rows looked at for a filter that the store cannot answer, because it depends on which processes live. */
const MAX_SCAN = 10_000;

/** Runs from their rows alone, newest first. */
export function listRuns(deps: QueryDeps, filter: RunFilter): readonly RunSummary[] {
  const { status, limit = 100, ...rest } = filter;
  const rows = deps.store.listRuns({ ...rest, limit: status === undefined ? limit : MAX_SCAN });
  const runs = rows.map((row) => toSummary(deps, row));
  return status === undefined ? runs : runs.filter((run) => run.status === status).slice(0, limit);
}

/** A run with its steps, from its snapshot or its journal. Throws EngineError `run.not_found`, `journal.corrupt`. */
export function getRun(deps: QueryDeps, runId: string): RunDetails {
  const summary = getSummary(deps, runId);
  return findSnapshot(deps.store, summary) ?? foldDetails(deps.store, summary);
}

/** A run with its steps, from its journal. Throws EngineError `journal.corrupt`. */
export function foldDetails(store: RunStore, summary: RunSummary): RunDetails {
  const { runId } = summary;
  const folded = foldRun(runId, store.readEvents(runId));
  const { state, started, bundleDir, bundleDirs, workspace, workDir, isolation, decisions } = folded;
  return {
    ...summary,
    plan: started.plan,
    planDigest: started.planDigest,
    cwd: started.cwd,
    workDir,
    ...(workspace === undefined ? {} : { workspace }),
    ...(started.workspace === undefined ? {} : { workspaceKind: started.workspace.kind }),
    ...(bundleDir === undefined ? {} : { bundleDir }),
    bundleDirs,
    isolation,
    decisions,
    outputs: state.end?.outputs ?? {},
    steps: summary.status === 'interrupted' ? interrupted(stepResults(state)) : stepResults(state),
    ...(state.end?.reason === undefined ? {} : { reason: state.end.reason }),
    ...errorOf(state),
    ...(started.rerunOf === undefined ? {} : { rerunOf: started.rerunOf }),
  };
}

/** A run from its row alone. Throws EngineError `run.not_found`. */
export function getSummary(deps: QueryDeps, runId: string): RunSummary {
  const row = deps.store.findRun(runId);
  if (row === undefined) throw notFound(runId);
  return toSummary(deps, row);
}

/** What the journal has as running does not run any more when the engine that ran it is dead. */
function interrupted(steps: RunDetails['steps']): RunDetails['steps'] {
  const results = Object.create(null) as Record<string, StepResult>;
  for (const [id, step] of Object.entries(steps))
    results[id] = step.status === 'running' ? { ...step, status: 'interrupted' } : step;
  return results;
}

/** The journal of a run. Throws EngineError `run.not_found`. */
export function readEvents(store: RunStore, runId: string): readonly RunEvent[] {
  const events = store.readEvents(runId);
  if (events.length === 0) throw notFound(runId);
  return events;
}

/** A journal folded, with what the fold itself does not keep. */
export interface FoldedRun {
  readonly state: RunState;
  readonly started: Extract<JournalEvent, { type: 'run.started' }>;
  readonly bundleDir: string | undefined;
  readonly bundleDirs: Readonly<Record<string, string>>;
  readonly isolation: RunIsolation;
  readonly decisions: readonly DecisionEvent[];
  /** The workspace that the run has: made for it, or taken over. Undefined too when it is gone. */
  readonly workspace: Workspace | undefined;
  /** That one, or what it was. */
  readonly lastWorkspace: Workspace | undefined;
  /** Where steps work: in the workspace, also when that is gone. */
  readonly workDir: string;
  /** When steps that opened or wait began, by path. */
  readonly begun: ReadonlyMap<string, number>;
}

/** Folds a run's journal. Throws EngineError `journal.corrupt`. */
export function foldRun(runId: string, events: readonly RunEvent[]): FoldedRun {
  const [started] = events;
  if (started?.type !== 'run.started') {
    throw new EngineError('journal.corrupt', `the journal of run ${runId} does not begin with its start`, {
      hint: 'start the run anew; its journal was changed or damaged',
    });
  }
  if (!isOfThisForm(started)) {
    throw new EngineError(
      'journal.corrupt',
      `the journal of run ${runId} is of a form that this version does not read`,
      {
        hint: 'start the run anew, or use the version of sheaf that wrote it',
      },
    );
  }
  const state = createState(started.plan, runId);
  let { bundleDir, bundleDirs = {}, isolation } = started;
  const begun = new Map<string, number>();
  let workspace: Workspace | undefined;
  let lastWorkspace: Workspace | undefined;
  let workDir = started.workspace?.kind === 'folder' ? started.workspace.path : started.cwd;
  const decisions: DecisionEvent[] = [];
  for (const event of events) {
    applyEvent(state, event);
    if (event.type === 'workspace.reused' || event.type === 'workspace.created') {
      workspace = lastWorkspace = workspaceOf(event);
      workDir = event.cwd;
    } else if (event.type === 'workspace.removed') workspace = undefined;
    if (event.type === 'run.resumed') ({ bundleDir = bundleDir, bundleDirs = bundleDirs, isolation } = event);
    if (event.type === 'policy.decided') decisions.push(event);
    const begins = event.type === 'step.opened' || (event.type === 'step.waiting' && event.for !== 'retry');
    if (begins) begun.set(event.step, event.at);
  }
  return {
    state,
    started,
    bundleDir,
    bundleDirs,
    isolation,
    decisions,
    workspace,
    lastWorkspace,
    workDir,
    begun,
  };
}

/** What was written before a version was released may lack what every journal has now. */
function isOfThisForm({ plan, isolation }: { readonly plan: object; readonly isolation: unknown }): boolean {
  return (
    isolation !== undefined && ['catch', 'artifacts', 'workflows'].every((key) => Object.hasOwn(plan, key))
  );
}

export function notFound(runId: string): EngineError {
  return new EngineError('run.not_found', `there is no run ${quote(runId)}`, {
    hint: 'see the ids of the runs: sheaf status',
  });
}

function toSummary(deps: QueryDeps, row: RunRow): RunSummary {
  const { owner, status, ...rest } = row;
  const dead = status === 'running' && (owner === undefined || !deps.isAlive(owner));
  return { ...rest, status: dead ? 'interrupted' : status };
}
