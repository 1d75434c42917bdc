import type { JsonValue, WorkflowDefinition } from './model.js';

/** Why a given value cannot be bound. */
export interface ParameterProblem {
  readonly parameter: string;
  readonly code: 'parameter.unknown' | 'parameter.missing' | 'parameter.invalid';
  readonly message: string;
  readonly hint?: string;
}

export function bindParameters(
  definition: WorkflowDefinition,
  given: Readonly<Record<string, string>>,
  context: { readonly cwd?: string } = {},
): { readonly values: Readonly<Record<string, JsonValue>>; readonly problems: readonly ParameterProblem[] } {
  throw new Error(`${definition.id} ${String(given)} ${String(context)}`);
}
