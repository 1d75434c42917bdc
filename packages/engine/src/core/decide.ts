import type { JsonValue, Plan } from '@sheaf/workflow';
import { beginStep } from './begin.js';
import type { Command } from './command.js';
import { endAttempt } from './end-attempt.js';
import { finishContainer, finishRun } from './finish.js';
import { keepCommands } from './keep.js';
import type { JournalEvent, Reason } from './events.js';
import { holds } from './names.js';
import { retryDelay } from './delay.js';
import { findQueued } from './queue.js';
import { expressionReason } from './reasons.js';
import type { RunState } from './run-state.js';
import { isContainer, isOpen, type ScopeState, type StepState } from './scope.js';
import { applyEvent, createState } from './state.js';

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
  const top = state.catch ?? state.root;
  if (state.completed.has(top)) return endCommands(state);
  if (state.phase === 'cancelling') return cancelCommands(state);
  const commands: Command[] = [];
  for (const scope of state.completed) addFinished(state, scope, commands);
  for (const entry of state.woken) addWoken(state, entry, commands);
  for (const entry of state.matching)
    if (isOpen(entry.scope) && !entry.woke) commands.push(match(state, entry));
  for (const entry of state.retrying) if (isOpen(entry.scope)) commands.push(delay(state, entry));
  for (let place = state.doomed.head; place < state.doomed.entries.length; place += 1) {
    const entry = findQueued(state.doomed, place);
    if (entry !== undefined) commands.push(skipFailedNeed(entry));
  }
  for (let place = state.waits.head; place < state.waits.entries.length; place += 1) {
    const entry = findQueued(state.waits, place);
    if (entry !== undefined) commands.push(beginStep(state, entry));
  }
  addStartable(state, commands);
  return commands;
}

/** All steps are settled: what the run leaves is kept before it ends, also when it failed, but not when it was cancelled. */
function endCommands(state: RunState): readonly Command[] {
  const event = finishRun(state);
  const keep = event.type === 'run.finished' && state.phase === 'running' ? keepCommands(state) : [];
  return keep.length > 0 ? keep : [{ type: 'record', event }];
}

/** The deepest first: what is begun is ended before the next is begun, so that a loop over blocks holds few of them open. */
function addStartable(state: RunState, commands: Command[]): void {
  let room = state.maxParallel - state.running.size;
  for (let depth = state.startable.length - 1; depth >= 0 && room > 0; depth -= 1) {
    const queue = state.startable[depth];
    if (queue === undefined) continue;
    for (let place = queue.head; place < queue.entries.length && room > 0; place += 1) {
      const entry = findQueued(queue, place);
      if (entry === undefined) continue;
      const command = beginStep(state, entry);
      // What is opened needs no room, but the steps in it will.
      if (command.type !== 'record') room -= 1;
      commands.push(command);
    }
  }
}

function cancelCommands(state: RunState): readonly Command[] {
  if (state.running.size > 0) {
    return [...state.running].map((entry) => ({ type: 'stop', step: entry.path }));
  }
  const reason: Reason = { code: 'run.cancelled', message: 'the run was cancelled' };
  return [{ type: 'record', event: { type: 'run.finished', status: 'cancelled', outputs: {}, reason } }];
}

function addFinished(state: RunState, scope: ScopeState, commands: Command[]): void {
  const { owner } = scope;
  if (owner === undefined || owner.woke || !isOpen(scope)) return;
  commands.push({ type: 'record', event: finishContainer(state, owner, scope) });
}

function addWoken(state: RunState, entry: StepState, commands: Command[]): void {
  if (!isOpen(entry.scope)) return;
  const ended = {
    type: 'step.finished',
    step: entry.path,
    attempt: entry.attempts,
    outputs: {},
    durationMs: 0,
  } as const;
  if (isContainer(entry)) {
    const { inner } = entry;
    if (inner !== undefined && inner.running > 0) {
      for (const each of state.running) {
        if (isInside(each, inner)) commands.push({ type: 'stop', step: each.path });
      }
      return;
    }
    const reason: Reason = {
      code: 'step.timeout',
      message: `it took longer than its timeout of ${entry.step.timeoutMs ?? 0} ms`,
    };
    commands.push({ type: 'record', event: endAttempt(entry, { ...ended, status: 'failed', reason }) });
  } else if (entry.step.work.kind === 'await_event') {
    const reason: Reason = {
      code: 'event.missed',
      message: `no event came from ${entry.step.work.source} in time`,
      hint: `send one: sheaf event send ${state.runId} ${entry.step.work.source}`,
    };
    commands.push({ type: 'record', event: { ...ended, status: 'failed', reason } });
  } else commands.push({ type: 'record', event: { ...ended, status: 'succeeded' } });
}

function isInside(entry: StepState, scope: ScopeState): boolean {
  for (let at: ScopeState | undefined = entry.scope; at !== undefined; at = at.owner?.scope) {
    if (at === scope) return true;
  }
  return false;
}

function match(state: RunState, entry: StepState): Command {
  const received = entry.events?.[0];
  const { work } = entry.step;
  if (received === undefined || work.kind !== 'await_event')
    throw new TypeError(`${entry.path} waits for no event`);
  const { event, data } = received;
  const names = { ...entry.names, variables: { ...entry.names.variables, event: data } };
  try {
    if (work.match === undefined || holds(work.match, names, state.runId)) {
      const outputs: Record<string, JsonValue> = { event: data };
      const { path: step, attempts: attempt } = entry;
      return {
        type: 'record',
        event: { type: 'step.finished', step, attempt, event, status: 'succeeded', outputs, durationMs: 0 },
      };
    }
    return { type: 'record', event: { type: 'step.passed', step: entry.path, event } };
  } catch (error) {
    // An event that lacks a field is not the one that is waited for.
    const reason = expressionReason('match', error, []);
    return { type: 'record', event: { type: 'step.passed', step: entry.path, event, reason } };
  }
}

function delay(state: RunState, entry: StepState): Command {
  const { path: step, attempts: attempt, tries } = entry;
  const { retry } = entry.step;
  const delayMs = retry === undefined ? 0 : retryDelay(retry, tries, `${state.runId} ${step} ${attempt}`);
  return { type: 'sleep', step, attempt, for: 'retry', delayMs };
}

function skipFailedNeed(entry: StepState): Command {
  const { scope, step } = entry;
  const need = step.needs.find((id) => scope.byId.get(id)?.spreads === true) ?? '';
  const how = scope.byId.get(need)?.status === 'failed' ? 'failed' : 'was skipped after a failure';
  const reason: Reason = { code: 'step.need_failed', message: `step ${need}, which it needs, ${how}` };
  return { type: 'record', event: { type: 'step.skipped', step: entry.path, reason } };
}
