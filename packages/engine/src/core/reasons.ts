import type { Reason } from './events.js';
import type { StepState } from './scope.js';

/** An expression that asks for standard output that was too large to keep must not look like a typing error. */
export function expressionReason(place: string, error: unknown, visible: readonly StepState[]): Reason {
  const detail = error instanceof Error ? error.message : String(error);
  const dropped = visible.find((entry) => entry.outcome?.stdoutDropped === true);
  const hint =
    dropped === undefined
      ? hintOf(error)
      : `the standard output of step ${dropped.path} was too large to be an output: have it write what others need to $SHEAF_OUTPUT or to a file`;
  return {
    code: 'expression.failed',
    message: `${place}: ${detail}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function hintOf(error: unknown): string | undefined {
  return error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : undefined;
}
