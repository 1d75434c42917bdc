import { SecretReference, type JsonValue, type Parameter, type ScopeValue } from '@sheaf/workflow';
import { LIMITS } from '../limits.js';
import { bindValues } from './bind.js';
import type { Command, RecordCommand } from './command.js';
import type { Reason } from './events.js';
import { findSecretName, type JsonWithSecrets } from './secret-inputs.js';
import { evaluate, evaluateAll, evaluateGiven, type Given, evaluateTexts, holds } from './names.js';
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
  const given = evaluateGiven(step.inputs ?? {}, entry.names, state.runId, (key) => {
    at.place = `input ${key}`;
  });
  const names = step.inputs === undefined ? entry.names : withInputs(entry.names, given);
  const next = { step: entry.path, attempt: entry.attempts + 1 };
  const timeout = step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs };
  const fill = (what: string, templates: Readonly<Record<string, JsonValue>>) =>
    evaluateAll(templates, names, state.runId, (key) => {
      at.place = `${what} ${key}`;
    });
  const fillGiven = (templates: Readonly<Record<string, JsonValue>>) =>
    evaluateGiven(templates, names, state.runId, (key) => {
      at.place = `with ${key}`;
    });
  switch (work.kind) {
    case 'block': {
      const tooMany = findTooMany(state, work.steps.length);
      return tooMany === undefined ? { type: 'open', ...next, ...timeout } : fail(entry, tooMany);
    }
    case 'workflow': {
      const called = state.plan.workflows[work.workflow];
      if (called === undefined) throw new TypeError(`no workflow ${work.workflow}`);
      const values = withSecretNames(called.parameters, fillGiven(work.with));
      const bound = bindValues(called.parameters, values);
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
      if (work.kind === 'shell') return { type: 'start', ...next, env, inputs: given.values };
      if (work.kind === 'script') return { type: 'start', ...next, env, inputs: fill('with', work.with) };
      const { values, secrets } = fillGiven(work.with);
      const isPlain = Object.keys(secrets).length === 0;
      return {
        type: 'start',
        ...next,
        env,
        inputs: values,
        ...(isPlain ? {} : { secretInputs: secrets }),
      };
    }
  }
}

/** What one of [actions] was given, as its expressions see it. */
function withInputs(names: Names, { values, secrets }: Given): Names {
  const inputs = Object.create(null) as Record<string, ScopeValue>;
  Object.assign(inputs, values);
  for (const [key, value] of Object.entries(secrets))
    inputs[key] = new SecretReference(getSecretName(key, value));
  return { ...names, inputs };
}

/** What a workflow is called with: of a secret its name, where the parameter is one. */
function withSecretNames(
  parameters: Readonly<Record<string, Parameter>>,
  { values, secrets }: Given,
): Readonly<Record<string, JsonValue>> {
  const all = Object.create(null) as Record<string, JsonValue>;
  Object.assign(all, values);
  for (const [key, value] of Object.entries(secrets)) {
    const type = Object.hasOwn(parameters, key) ? parameters[key]?.type : undefined;
    if (type !== 'secret') throw new TypeError(`the parameter ${key} takes no secret`);
    all[key] = getSecretName(key, value);
  }
  return all;
}

function getSecretName(key: string, value: JsonWithSecrets): string {
  const name = findSecretName(value);
  if (name === undefined) throw new TypeError(`${key} takes a secret alone, and no text with one in it`);
  return name;
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
  const most = state.rules?.items;
  if (most !== undefined && list.length > most) return refuseItems(state, entry, list.length);
  const timeout = step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs };
  return { type: 'open', step: entry.path, attempt: entry.attempts + 1, items: list, ...timeout };
}

function refuseItems(state: RunState, entry: StepState, count: number): Command {
  const { items = 0, from = '' } = state.rules ?? {};
  const why = `at most ${items} items: ${from}`;
  return {
    ...fail(entry, {
      code: 'policy.denied',
      message: `foreach gives ${count} items and at most ${items} may run`,
      hint: `${from} says so`,
    }),
    before: {
      type: 'policy.decided',
      step: entry.path,
      subject: 'ceiling',
      result: 'refused',
      value: `${count} items`,
      by: 'policy',
      why,
    },
  };
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

function fail(entry: StepState, reason: Reason): RecordCommand {
  const outcome = { status: 'failed', outputs: {}, durationMs: 0, reason } as const;
  return { type: 'record', event: { type: 'step.finished', step: entry.path, attempt: 0, ...outcome } };
}
