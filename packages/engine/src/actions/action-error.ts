import type { JsonValue } from '@sheaf/workflow';
import type { ActionReasonCode } from './codes.js';

/** How an action says that it failed. `retryable`: the same again may succeed. */
export class ActionError extends Error {
  readonly code: ActionReasonCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  /** What it found out before it failed: a later step may read it where the failure counts as done. */
  readonly outputs: Readonly<Record<string, JsonValue>> | undefined;

  constructor(
    code: ActionReasonCode,
    message: string,
    options: {
      readonly hint?: string;
      readonly retryable?: boolean;
      readonly outputs?: Readonly<Record<string, JsonValue>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ActionError';
    this.code = code;
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
    this.outputs = options.outputs;
  }
}

/** Whether an action says so. By its name, because what was loaded apart, as plugins are, has a class of its own. */
export function isActionError(error: unknown): error is ActionError {
  return error instanceof Error && error.name === 'ActionError';
}
