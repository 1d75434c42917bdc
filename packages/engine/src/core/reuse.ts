import type { JsonValue, Plan, PlanStep } from '@sheaf/workflow';
import type { JournalEvent } from './events.js';
import type { RunState, StepState } from './state.js';

/**
 * What an earlier run has done that a new run of `plan` may take over when it goes back to the step `from`: events for its
 * journal, in the plan's order. A step is taken over only when it was done, is written as it was, got the same parameters,
 * does not rest on `from`, and all that it needs is taken over too; so what it did is what it would do.
 */
export function reuseSteps(
  earlier: RunState,
  earlierId: string,
  plan: Plan,
  from: string,
): readonly JournalEvent[] {
  if (textOf(earlier.plan.parameters) !== textOf(plan.parameters)) return [];
  const kept = new Set<string>();
  const events: JournalEvent[] = [];
  for (const step of plan.steps) {
    const entry = earlier.steps.get(step.id);
    if (entry === undefined || step.id === from) continue;
    if (!isSame(entry.step, step) || !step.needs.every((need) => kept.has(need))) continue;
    const event = takeOver(entry, earlierId);
    if (event === undefined) continue;
    kept.add(step.id);
    events.push(event);
  }
  return events;
}

/** Undefined for a step that was not done: its failure, or its being passed over after one, is what a rerun is for. */
function takeOver(entry: StepState, earlierId: string): JournalEvent | undefined {
  const step = entry.step.id;
  const { outcome, reason } = entry;
  if (entry.status === 'skipped') {
    return reason?.code === 'step.when' ? { type: 'step.skipped', step, reason } : undefined;
  }
  if (outcome === undefined || entry.spreads) return undefined;
  if (entry.status !== 'succeeded' && entry.status !== 'failed') return undefined;
  const { status, exitCode, outputs, stdoutDropped, logTruncated, durationMs } = outcome;
  return {
    type: 'step.reused',
    step,
    from: entry.reusedFrom ?? earlierId,
    attempt: entry.attempts,
    status,
    outputs,
    durationMs,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(stdoutDropped === undefined ? {} : { stdoutDropped }),
    ...(logTruncated === undefined ? {} : { logTruncated }),
    ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
  };
}

function isSame(one: PlanStep, other: PlanStep): boolean {
  return textOf({ ...one }) === textOf({ ...other });
}

/** A text that is the same for the same value, whatever the order of its members. */
function textOf(value: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(value, (_, part: JsonValue) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1));
  });
}
