import type { Plan, PlanStep } from '@sheaf/workflow';
import type { JournalEvent, Redone } from './events.js';
import { describeChange, describeParameters, describeUndone, type Why } from './redone.js';
import type { RunState } from './run-state.js';
import { sameText } from './same-text.js';
import { isContainer, type ScopeState, type StepState } from './scope.js';

/** Says of at most so many steps why they are done again. */
const MAX_TOLD = 1000;

/** What a new run takes over of an earlier one, and what not. */
export interface Reused {
  /** For the journal of the new run. */
  readonly events: readonly JournalEvent[];
  /** Steps of scopes that were looked into, in the order of the plan; at most 1,000. */
  readonly redone: readonly Redone[];
}

/**
 * What an earlier run has done that a new run of `plan` may take over when it goes back to the step `from`, or without one does
 * again what is not as it was, and why it does the rest again. A step is taken over only when it was done, is written as it was, got the
 * same parameters, does not rest on `from`, and all that it needs is taken over too; so what it did is what it would do. Of blocks,
 * loops and sub-workflows that are not taken over whole, the steps in them that were done are.
 */
export function reuseSteps(earlier: RunState, plan: Plan, from: string | undefined): Reused {
  const events: JournalEvent[] = [];
  const redone: Redone[] = [];
  const reuse: Reuse = {
    earlierId: earlier.runId,
    from,
    otherParameters:
      sameText(earlier.plan.parameters) === sameText(plan.parameters)
        ? undefined
        : describeParameters(earlier.plan, plan),
    isSameWorkflow: (key) => sameText(earlier.plan.workflows[key]) === sameText(plan.workflows[key]),
    events,
    tell: (step, why) => {
      if (redone.length < MAX_TOLD) redone.push({ step, ...why });
    },
  };
  visit(reuse, earlier.root, plan.steps);
  return { events, redone };
}

interface Reuse {
  readonly earlierId: string;
  readonly from: string | undefined;
  /** Unset when they are the same. */
  readonly otherParameters: Why | undefined;
  readonly isSameWorkflow: (key: string) => boolean;
  readonly events: JournalEvent[];
  readonly tell: (step: string, why: Why) => void;
}

/** Takes over what of a scope was done; true when that is all of it. */
function visit(reuse: Reuse, scope: ScopeState, steps: readonly PlanStep[]): boolean {
  const kept = new Set<string>();
  for (const step of steps) {
    const entry = scope.byId.get(step.id);
    const why = findObstacle(reuse, entry, step, kept);
    if (why !== undefined) reuse.tell(entry?.path ?? pathIn(scope, step.id), why);
    else if (entry !== undefined) {
      if (take(reuse, entry)) kept.add(step.id);
      else reuse.tell(entry.path, describeUndone(entry));
    }
  }
  return kept.size === steps.length;
}

function pathIn({ path }: ScopeState, id: string): string {
  return path === '' ? id : `${path}.${id}`;
}

/** Why a step is done again whatever became of it. */
function findObstacle(
  reuse: Reuse,
  entry: StepState | undefined,
  step: PlanStep,
  kept: ReadonlySet<string>,
): Why | undefined {
  if (entry === undefined) return { because: 'new', message: 'it is new' };
  if (entry.path === reuse.from) return { because: 'asked', message: 'it was asked for' };
  if (sameText(entry.step) !== sameText(step)) return describeChange(entry.step, step);
  if (!listWorkflows(step).every(reuse.isSameWorkflow))
    return { because: 'calls', message: 'the workflow that it calls is another one' };
  if (reuse.otherParameters !== undefined && entry.scope.kind !== 'workflow' && mayReadParameters(step))
    return reuse.otherParameters;
  const need = step.needs.find((each) => !kept.has(each));
  return need === undefined ? undefined : { because: 'needs', message: `it rests on ${need}` };
}

/** Every shell is given all parameters; what else a step is given, it asks for by name. */
function mayReadParameters(step: PlanStep): boolean {
  const text = JSON.stringify(step);
  return text.includes('"kind":"shell"') || text.includes('params');
}

/** Takes over what of a step was done; true when that is all of it. */
function take(reuse: Reuse, entry: StepState): boolean {
  const isWhole = !isBefore(reuse.from, entry.path);
  if (entry.status === 'skipped') {
    if (entry.reason?.code !== 'step.when') return false;
    reuse.events.push({ type: 'step.skipped', step: entry.path, reason: entry.reason });
    return true;
  }
  const { outcome } = entry;
  if (isContainer(entry)) {
    if (!takeInner(reuse, entry) || !isWhole || entry.status !== 'succeeded') return false;
    const { outputs = {}, durationMs = 0 } = outcome ?? {};
    const finished = { type: 'step.finished', step: entry.path, attempt: 1, status: 'succeeded' } as const;
    reuse.events.push({ ...finished, outputs, durationMs });
    return true;
  }
  if (outcome === undefined || entry.spreads || !isEnded(entry)) return false;
  const { status, exitCode, outputs, stdoutDropped, logTruncated, durationMs, reason } = outcome;
  reuse.events.push({
    type: 'step.reused',
    step: entry.path,
    from: entry.reusedFrom ?? reuse.earlierId,
    attempt: entry.attempts,
    status,
    outputs,
    durationMs,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(stdoutDropped === undefined ? {} : { stdoutDropped }),
    ...(logTruncated === undefined ? {} : { logTruncated }),
    ...(reason === undefined ? {} : { reason }),
  });
  return true;
}

function isEnded({ status }: StepState): boolean {
  return status === 'succeeded' || status === 'failed';
}

/** Opens again what a block, loop or sub-workflow held, with what was done in it; true when that is all of it. */
function takeInner(reuse: Reuse, entry: StepState): boolean {
  const { inner, step } = entry;
  if (inner === undefined) return false;
  const opened = { type: 'step.opened', step: entry.path, attempt: 1 } as const;
  if (inner.kind === 'loop') {
    const name = step.foreach?.as ?? 'item';
    reuse.events.push({ ...opened, items: inner.steps.map((item) => item.names.variables[name] ?? null) });
    // An item that is taken over in part is at work at once, and so many may not be.
    const mayTakePart = step.foreach?.maxParallel === undefined;
    const taken = inner.steps.filter(
      (item) =>
        item.path !== reuse.from &&
        (mayTakePart || (item.status === 'succeeded' && !isBefore(reuse.from, item.path))) &&
        take(reuse, item),
    );
    return taken.length === inner.steps.length;
  }
  const parameters = inner.kind === 'workflow' ? { parameters: inner.names.parameters } : {};
  reuse.events.push({ ...opened, ...parameters });
  return visit(
    reuse,
    inner,
    inner.steps.map((each) => each.step),
  );
}

/** Whether a path is that of a step in the one of the other. */
function isBefore(path: string | undefined, outer: string): boolean {
  return path !== undefined && (path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`));
}

/** Keys of the workflows that a step calls, also in blocks. */
function listWorkflows({ work }: PlanStep): readonly string[] {
  if (work.kind === 'workflow') return [work.workflow];
  return work.kind === 'block' ? work.steps.flatMap(listWorkflows) : [];
}
