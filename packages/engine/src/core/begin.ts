import type { JsonValue } from '@sheaf/workflow';
import { LIMITS } from '../limits.js';
import { bindValues } from './bind.js';
import type { Command } from './command.js';
import type { Reason } from './events.js';
import { evaluate, evaluateAll, evaluateTexts, holds } from './names.js';
import { expressionReason } from './reasons.js';
import type { RunState } from './run-state.js';
import type { Names, StepState } from './scope.js';

/** What a step that is ready does: it starts, opens, waits, or is passed over; or it fails, where its expressions do. */
export function beginStep(state: RunState, entry: StepState): Command {
  const { step } = entry;
  const at = { place: 'when' };
  try {
    if (state.skip.has(entry.path)) {
      return skip(entry, { code: 'step.not_asked', message: 'it was to be left out' });
    }
    if (step.when !== undefined && entry.attempts === 0 && !holds(step.when, entry.names, state.runId)) {
      return skip(entry, { code: 'step.when', message: 'its condition is false' });
    }
    return entry.role === 'loop' ? openLoop(state, entry, at) : beginWork(state, entry, at);
  } catch (error) {
    const visible = step.needs.flatMap((id) => entry.scope.byId.get(id) ?? []);
    return fail(entry, expressionReason(at.place, error, visible));
  }
}

interface Place {
  place: string;
}

function beginWork(state: RunState, entry: StepState, at: Place): Command {
  const { step } = entry;
  const { work } = step;
  const given = evaluateAll(step.inputs ?? {}, entry.names, state.runId, (key) => {
    at.place = `input ${key}`;
  });
  const names = step.inputs === undefined ? entry.names : withInputs(entry.names, given);
  const next = { step: entry.path, attempt: entry.attempts + 1 };
  const timeout = step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs };
  const fill = (what: string, templates: Readonly<Record<string, JsonValue>>) =>
    evaluateAll(templates, names, state.runId, (key) => {
      at.place = `${what} ${key}`;
    });
  switch (work.kind) {
    case 'block': {
      const tooMany = findTooMany(state, work.steps.length);
      return tooMany === undefined ? { type: 'open', ...next, ...timeout } : fail(entry, tooMany);
    }
    case 'workflow': {
      const called = state.plan.workflows[work.workflow];
      if (called === undefined) throw new TypeError(`no workflow ${work.workflow}`);
      const bound = bindValues(called.parameters, fill('with', work.with));
      if ('problem' in bound) return fail(entry, bound.problem);
      const tooMany = findTooMany(state, called.steps.length);
      if (tooMany !== undefined) return fail(entry, tooMany);
      return { type: 'open', ...next, ...timeout, parameters: bound.values };
    }
    case 'wait':
      return { type: 'sleep', ...next, for: 'time', ...timeOf(state, entry, at) };
    case 'await_event': {
      const delayMs = work.timeoutMs ?? step.timeoutMs;
      const { source } = work;
      return { type: 'sleep', ...next, for: 'event', source, ...(delayMs === undefined ? {} : { delayMs }) };
    }
    default: {
      const env = evaluateTexts(step.env, names, state.runId, (key) => {
        at.place = `env ${key}`;
      });
      const inputs = work.kind === 'shell' ? given : fill('with', work.with);
      return { type: 'start', ...next, env, inputs };
    }
  }
}

function withInputs(names: Names, inputs: Readonly<Record<string, JsonValue>>): Names {
  return { ...names, variables: { ...names.variables, inputs } };
}

function openLoop(state: RunState, entry: StepState, at: Place): Command {
  const { step } = entry;
  at.place = 'foreach';
  const items = evaluate(step.foreach?.items ?? '', entry.names, state.runId);
  if (!Array.isArray(items)) {
    return fail(entry, {
      code: 'expression.failed',
      message: 'foreach: it gives no list',
      hint: 'give a list, as in ${{ ["a", "b"] }}; a text of lines: ${{ text.split("\\n") }}',
    });
  }
  const list = items as readonly JsonValue[];
  if (list.length > LIMITS.items) {
    return fail(entry, {
      code: 'step.too_large',
      message: `foreach gives ${list.length} items and at most ${LIMITS.items} can run`,
      hint: 'give each item a part of the list',
    });
  }
  const tooMany = findTooMany(state, list.length);
  if (tooMany !== undefined) return fail(entry, tooMany);
  const timeout = step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs };
  return { type: 'open', step: entry.path, attempt: entry.attempts + 1, items: list, ...timeout };
}

function findTooMany(state: RunState, count: number): Reason | undefined {
  if (state.opened + count <= LIMITS.opened) return undefined;
  return {
    code: 'step.too_large',
    message: `the run would have more than ${LIMITS.opened} steps, those of its loops counted`,
    hint: 'give each step more to do',
  };
}

/** A year: longer timers were meant otherwise. */
const LONGEST_WAIT_MS = 366 * 24 * 60 * 60 * 1000;

function timeOf(
  state: RunState,
  entry: StepState,
  at: Place,
): { readonly delayMs: number } | { readonly until: number } {
  const { work } = entry.step;
  if (work.kind !== 'wait') throw new TypeError(`${entry.path} does not wait`);
  const read = (place: string, value: string | number): JsonValue => {
    at.place = place;
    return typeof value === 'number' ? value : evaluate(value, entry.names, state.runId);
  };
  if (work.seconds !== undefined) {
    const seconds = Number(read('wait seconds', work.seconds));
    if (!(seconds >= 0) || seconds * 1000 > LONGEST_WAIT_MS)
      throw new RangeError('no number of seconds from 0 to a year');
    return { delayMs: Math.round(seconds * 1000) };
  }
  const value = read('wait until', work.until ?? '');
  const until = typeof value === 'string' && TIME.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(until)) throw new RangeError('no time with its zone, such as 2026-01-31T08:00:00Z');
  return { until };
}

/** RFC 3339: without a zone a time would mean another one on each machine. */
const TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:\d\d)$/;

function skip(entry: StepState, reason: Reason): Command {
  return { type: 'record', event: { type: 'step.skipped', step: entry.path, reason } };
}

function fail(entry: StepState, reason: Reason): Command {
  const outcome = { status: 'failed', outputs: {}, durationMs: 0, reason } as const;
  return { type: 'record', event: { type: 'step.finished', step: entry.path, attempt: 0, ...outcome } };
}
