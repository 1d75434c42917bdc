import { checkParameterValue, quote, type JsonValue, type Parameter } from '@sheaf/workflow';
import type { Reason } from './events.js';

/** Values for the parameters of a workflow that a step calls, with its defaults; or the first that does not fit. */
export function bindValues(
  parameters: Readonly<Record<string, Parameter>>,
  given: Readonly<Record<string, JsonValue>>,
): { readonly values: Readonly<Record<string, JsonValue>> } | { readonly problem: Reason } {
  const values = Object.create(null) as Record<string, JsonValue>;
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(parameters, name)) return problem(name, 'is not one of the workflow');
  }
  for (const [name, parameter] of Object.entries(parameters)) {
    const value = (Object.hasOwn(given, name) ? given[name] : null) ?? parameter.default ?? null;
    if (value === null) {
      if (parameter.required) return problem(name, 'is required');
      values[name] = null;
      continue;
    }
    const wrong = checkParameterValue(parameter, value);
    if (wrong !== undefined) return problem(name, wrong.message, wrong.hint);
    values[name] = value;
  }
  return { values };
}

function problem(name: string, message: string, hint?: string): { readonly problem: Reason } {
  const reason: Reason = { code: 'parameter.invalid', message: `parameter ${quote(name)} ${message}` };
  return { problem: hint === undefined ? reason : { ...reason, hint } };
}
