import type { JsonValue } from '@sheaf/workflow';
import { endAttempt } from './end-attempt.js';
import type { JournalEvent, Reason, RunError } from './events.js';
import { evaluate } from './names.js';
import { expressionReason } from './reasons.js';
import type { RunState } from './run-state.js';
import { innermostFailure, type Names, type ScopeState, type StepState } from './scope.js';

/** How a block, loop or sub-workflow ends whose steps are all settled. */
export function finishContainer(state: RunState, owner: StepState, scope: ScopeState): JournalEvent {
  const finished = {
    type: 'step.finished',
    step: owner.path,
    attempt: owner.attempts,
    durationMs: 0,
  } as const;
  const called = scope.kind === 'workflow' ? state.plan.workflows[scope.workflow ?? ''] : undefined;
  if (scope.kind === 'catch' || scope.failures > 0) {
    if (called !== undefined && called.catch.length > 0) {
      return { type: 'step.catching', step: owner.path, attempt: owner.attempts, error: findCause(scope) };
    }
    const reason: Reason = { code: 'step.inner_failed', message: describeFailures(owner.inner ?? scope) };
    return endAttempt(owner, { ...finished, status: 'failed', outputs: {}, reason });
  }
  if (called === undefined) return { ...finished, status: 'succeeded', outputs: {} };
  const result = evaluateOutputs(state, called.outputs, scope);
  if ('outputs' in result) return { ...finished, status: 'succeeded', ...result };
  return { ...finished, status: 'failed', outputs: {}, ...result };
}

/** How the run ends, or that its `catch` begins. */
export function finishRun(state: RunState): JournalEvent {
  const { root, error } = state;
  if (error !== undefined) return failed({ code: 'run.failed', message: describeRun(root, error) });
  if (root.failures > 0) {
    const cause = findCause(root);
    if (state.plan.catch.length > 0) return { type: 'run.catching', error: cause };
    return failed({ code: 'run.failed', message: describeRun(root, cause) });
  }
  const result = evaluateOutputs(state, state.plan.outputs, root);
  if ('outputs' in result) return { type: 'run.finished', status: 'succeeded', ...result };
  const { code, message } = result.reason;
  if (state.plan.catch.length > 0) return { type: 'run.catching', error: { step: '', code, message } };
  return failed(result.reason);
}

function failed(reason: Reason): JournalEvent {
  return { type: 'run.finished', status: 'failed', outputs: {}, reason };
}

/** What failed first in a scope, as deep as that goes. */
export function findCause(scope: ScopeState): RunError {
  const cause = scope.firstFailure === undefined ? undefined : innermostFailure(scope.firstFailure);
  return {
    step: cause?.path ?? '',
    code: cause?.reason?.code ?? 'run.failed',
    message: cause?.reason?.message ?? 'it failed',
  };
}

function describeRun(root: ScopeState, error: RunError): string {
  if (error.step === '') return error.message;
  return `step ${error.step} failed${more(root)}`;
}

function describeFailures(scope: ScopeState): string {
  return `step ${findCause(scope).step} failed${more(scope)}`;
}

function more({ failures }: ScopeState): string {
  return failures > 1 ? ` and ${failures - 1} more` : '';
}

function evaluateOutputs(
  state: RunState,
  templates: Readonly<Record<string, string>>,
  scope: { readonly names: Names; readonly steps: readonly StepState[] },
): { readonly outputs: Readonly<Record<string, JsonValue>> } | { readonly reason: Reason } {
  const outputs = Object.create(null) as Record<string, JsonValue>;
  let place = '';
  try {
    for (const [name, template] of Object.entries(templates)) {
      place = `output ${name}`;
      outputs[name] = evaluate(template, scope.names, state.runId);
    }
    return { outputs };
  } catch (error) {
    return { reason: expressionReason(place, error, scope.steps) };
  }
}
