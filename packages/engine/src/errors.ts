/** Codes of {@link EngineError}; stable, never reused for another meaning. */
export type EngineErrorCode =
  | 'plan.invalid'
  | 'plan.unsupported'
  | 'requirement.missing'
  | 'event.invalid'
  | 'run.active'
  | 'run.ended'
  | 'run.not_found'
  | 'run.not_stopped'
  | 'run.folder_missing'
  | 'step.not_found'
  | 'journal.corrupt'
  | 'store.failed'
  | 'store.newer'
  | 'store.closed'
  | 'process.stuck'
  | 'workspace.failed'
  | 'workspace.unusable'
  | 'workspace.too_large'
  | 'workspace.link'
  | 'workspace.busy'
  | 'isolation.unavailable'
  | 'platform.unsupported';

/** The one error this package throws. Branch on `code`; `hint` says what to do next. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;
  readonly hint: string | undefined;

  constructor(
    code: EngineErrorCode,
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EngineError';
    this.code = code;
    this.hint = options.hint;
  }
}
