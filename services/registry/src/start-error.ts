/** A start that cannot succeed: what is wrong and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = hint;
  }
}
