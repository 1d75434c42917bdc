import type { JsonValue } from '@sheaf/workflow';
import type { Decision } from '../core/decision.js';
import type { ActionReasonCode } from './codes.js';

/** What was asked for and refused. */
export type Denied = Pick<Decision, 'subject' | 'value' | 'by' | 'why'>;

/** How an action says that it failed. `retryable`: the same again may succeed. */
export class ActionError extends Error {
  readonly code: ActionReasonCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  /** What it found out before it failed: a later step may read it where the failure counts as done. */
  readonly outputs: Readonly<Record<string, JsonValue>> | undefined;
  /** With `policy.denied`: what the journal says of it. */
  readonly denied: Denied | undefined;

  constructor(
    code: ActionReasonCode,
    message: string,
    options: {
      readonly hint?: string;
      readonly retryable?: boolean;
      readonly outputs?: Readonly<Record<string, JsonValue>>;
      readonly denied?: Denied;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ActionError';
    this.code = code;
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
    this.outputs = options.outputs;
    this.denied = options.denied;
  }
}

/** Whether an action says so. By its name, because what was loaded apart, as plugins are, has a class of its own. */
export function isActionError(error: unknown): error is ActionError {
  return error instanceof Error && error.name === 'ActionError';
}
