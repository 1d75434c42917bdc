import type { Plan, PlanStep } from '@sheaf/workflow';
import type { Redone } from './events.js';
import { isContainer, type StepState } from './scope.js';
import { sameText } from './same-text.js';

/** Why a step is done again, without the path of the step. */
export type Why = Pick<Redone, 'because' | 'message'>;

/** Names at most so many of what has changed. */
const NAMED = 3;

/** What of a step is written otherwise than it was, as the definition calls it. */
export function describeChange(before: PlanStep, after: PlanStep): Why {
  const [old, now] = [partsOf(before), partsOf(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].filter(
    (name) => sameText(old.get(name)) !== sameText(now.get(name)),
  );
  return { because: 'definition', message: `${listNames(names)} changed` };
}

/** Which parameters have another value than in the earlier run. */
export function describeParameters(before: Plan, after: Plan): Why {
  const names = [...new Set([...Object.keys(before.parameters), ...Object.keys(after.parameters)])].filter(
    (name) => sameText(before.parameters[name]) !== sameText(after.parameters[name]),
  );
  return { because: 'parameters', message: `another value of ${listNames(names)}` };
}

/** Why what a step did does not stand for it, when it is written as it was. */
export function describeUndone(entry: StepState): Why {
  if (isContainer(entry) && entry.inner !== undefined)
    return { because: 'inside', message: 'a step in it is done again' };
  const { status, reason } = entry;
  if (status === 'failed') return { because: 'unfinished', message: 'it failed' };
  if (status === 'skipped' && reason !== undefined)
    return { because: 'unfinished', message: `it was skipped: ${reason.message}` };
  return { because: 'unfinished', message: 'it was not done' };
}

/** The keys of a step by the names that a definition has for them; of maps each entry. */
function partsOf({ work, ...step }: PlanStep): ReadonlyMap<string, unknown> {
  const parts = new Map<string, unknown>();
  for (const [key, value] of [...Object.entries(step), ...Object.entries(work)]) {
    if (key === 'env' || key === 'with' || key === 'inputs')
      for (const [name, each] of Object.entries(value as object)) parts.set(`${key}.${name}`, each);
    else parts.set(NAMES.get(key) ?? key, value);
  }
  return parts;
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ['timeoutMs', 'timeout'],
  ['onFailure', 'on_failure'],
  ['kind', 'what it does'],
  ['action', 'uses'],
  ['workflow', 'uses'],
  ['version', 'the version of the action'],
]);

function listNames(names: readonly string[]): string {
  const more = names.length > NAMED ? [`${names.length - NAMED} more`] : [];
  return [...names.slice(0, NAMED), ...more].join(', ');
}
