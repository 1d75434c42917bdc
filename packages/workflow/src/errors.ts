/** Codes of {@link WorkflowError}; stable, never reused for another meaning. */
export type WorkflowErrorCode =
  | 'name.invalid'
  | 'version.invalid'
  | 'glob.invalid'
  | 'pattern.invalid'
  | 'pattern.budget'
  | 'parameter.missing'
  | 'definition.invalid'
  | 'plan.cycle'
  | 'plan.action'
  | 'plan.workflow'
  | 'expression.syntax'
  | 'expression.too_long'
  | 'expression.unknown'
  | 'expression.type'
  | 'expression.missing'
  | 'expression.division'
  | 'expression.overflow'
  | 'expression.value'
  | 'expression.pattern'
  | 'expression.secret'
  | 'expression.budget';

/** The one error this package throws. Branch on `code`; `hint` says what to do next. */
export class WorkflowError extends Error {
  readonly code: WorkflowErrorCode;
  readonly hint: string | undefined;
  /** Where in the text that was given the problem lies, as UTF-16 offsets, when that is known. */
  readonly range: { readonly start: number; readonly end: number } | undefined;

  constructor(
    code: WorkflowErrorCode,
    message: string,
    options: {
      readonly hint?: string;
      readonly cause?: unknown;
      readonly range?: { readonly start: number; readonly end: number };
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'WorkflowError';
    this.code = code;
    this.hint = options.hint;
    this.range = options.range;
  }
}
