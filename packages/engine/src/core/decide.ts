import {
  evaluateCondition,
  evaluateTemplate,
  toEnvironmentString,
  type JsonValue,
  type Plan,
} from '@sheaf/workflow';
import type { JournalEvent, Reason } from './events.js';
import { applyEvent, createState, isQueued, type RunState, type StepState } from './state.js';

/**
 * What is to be done next. `record`: a fact that follows from the events, to be journaled as it is. `start`: journal
 * `step.started`, then begin the attempt. `stop`: end what the step runs; may be said again and again until it ended.
 */
export type Command =
  | { readonly type: 'record'; readonly event: JournalEvent }
  | {
      readonly type: 'start';
      readonly step: string;
      readonly attempt: number;
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly type: 'stop'; readonly step: string };

/** What a run does next, from its plan and its journal alone. The meaning of {@link nextCommands}; costs a whole fold. */
export function decide(plan: Plan, runId: string, events: readonly JournalEvent[]): readonly Command[] {
  const state = createState(plan, runId);
  for (const event of events) applyEvent(state, event);
  return nextCommands(state);
}

/**
 * What a run in this state does next. Commands are independent of each other; after their events are applied, ask again.
 * Looks only at steps that are ready and have room, so a run of n steps costs O(n) over its whole life.
 */
export function nextCommands(state: RunState): readonly Command[] {
  if (state.phase === 'new' || state.phase === 'finished') return [];
  if (state.settled === state.steps.size) return [{ type: 'record', event: finishRun(state) }];
  if (state.phase === 'cancelling') return cancelCommands(state);
  const commands: Command[] = [];
  for (let place = state.doomed.head; place < state.doomed.entries.length; place += 1) {
    const entry = state.doomed.entries[place];
    if (entry !== undefined && isQueued(state.doomed, place)) commands.push(skipFailedNeed(state, entry));
  }
  let room = state.maxParallel - state.running.size;
  for (let place = state.startable.head; place < state.startable.entries.length && room > 0; place += 1) {
    const entry = state.startable.entries[place];
    if (entry === undefined || !isQueued(state.startable, place)) continue;
    const command = beginStep(state, entry);
    if (command.type === 'start') room -= 1;
    commands.push(command);
  }
  return commands;
}

function cancelCommands(state: RunState): readonly Command[] {
  if (state.running.size > 0) {
    return [...state.running].map((entry) => ({ type: 'stop', step: entry.step.id }));
  }
  const reason: Reason = { code: 'run.cancelled', message: 'the run was cancelled' };
  return [{ type: 'record', event: { type: 'run.finished', status: 'cancelled', outputs: {}, reason } }];
}

function skipFailedNeed(state: RunState, entry: StepState): Command {
  const need = entry.step.needs.find((id) => state.steps.get(id)?.spreads === true) ?? '';
  const how = state.steps.get(need)?.status === 'failed' ? 'failed' : 'was skipped after a failure';
  const reason: Reason = { code: 'step.need_failed', message: `step ${need}, which it needs, ${how}` };
  return { type: 'record', event: { type: 'step.skipped', step: entry.step.id, reason } };
}

function beginStep(state: RunState, entry: StepState): Command {
  const { step } = entry;
  let place = 'when';
  try {
    if (step.when !== undefined && !evaluateCondition(step.when, state.scope)) {
      const reason: Reason = { code: 'step.when', message: 'its condition is false' };
      return { type: 'record', event: { type: 'step.skipped', step: step.id, reason } };
    }
    const env = Object.create(null) as Record<string, string>;
    for (const [name, template] of Object.entries(step.env)) {
      place = `env ${name}`;
      env[name] = toEnvironmentString(evaluateTemplate(template, state.scope));
    }
    return { type: 'start', step: step.id, attempt: entry.attempts + 1, env };
  } catch (error) {
    const reason = expressionReason(state, place, error, step.needs);
    return {
      type: 'record',
      event: {
        type: 'step.finished',
        step: step.id,
        attempt: 0,
        status: 'failed',
        outputs: {},
        durationMs: 0,
        reason,
      },
    };
  }
}

function finishRun(state: RunState): JournalEvent {
  if (state.failures > 0) {
    const reason: Reason = { code: 'run.failed', message: failureMessage(state) };
    return { type: 'run.finished', status: 'failed', outputs: {}, reason };
  }
  const outputs = Object.create(null) as Record<string, JsonValue>;
  let place = '';
  try {
    for (const [name, template] of Object.entries(state.plan.outputs)) {
      place = `output ${name}`;
      outputs[name] = evaluateTemplate(template, state.scope);
    }
    return { type: 'run.finished', status: 'succeeded', outputs };
  } catch (error) {
    const reason = expressionReason(state, place, error, [...state.steps.keys()]);
    return { type: 'run.finished', status: 'failed', outputs: {}, reason };
  }
}

function failureMessage(state: RunState): string {
  const failed = [...state.steps.values()].filter((entry) => entry.status === 'failed' && entry.spreads);
  const more = failed.length > 1 ? ` and ${failed.length - 1} more` : '';
  return `step ${failed[0]?.step.id ?? ''} failed${more}`;
}

/** An expression that asks for standard output that was too large to keep must not look like a typing error. */
function expressionReason(
  state: RunState,
  place: string,
  error: unknown,
  visible: readonly string[],
): Reason {
  const detail = error instanceof Error ? error.message : String(error);
  const dropped = visible.find((id) => state.steps.get(id)?.outcome?.stdoutDropped === true);
  const hint =
    dropped === undefined
      ? hintOf(error)
      : `the standard output of step ${dropped} was too large to be an output: have it write what others need to $SHEAF_OUTPUT or to a file`;
  return {
    code: 'expression.failed',
    message: `${place}: ${detail}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function hintOf(error: unknown): string | undefined {
  return error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : undefined;
}
