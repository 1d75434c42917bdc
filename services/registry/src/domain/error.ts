import type { Problem, ProblemCode } from '@sheaf/client/contract';

export type ProblemDetailItem = NonNullable<Problem['errors']>[number];

export interface RegistryErrorOptions {
  readonly errors?: readonly ProblemDetailItem[];
  /** The digest that the registry holds, for `version.exists`. */
  readonly digest?: string;
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
  /** What an operator at the command line does; callers of the API are told the remedy of the code. */
  readonly hint?: string;
}

/** An error that the caller of the API gets to see: a stable code and one line that says what was wrong and where. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly code: ProblemCode;
  readonly options: RegistryErrorOptions;
  readonly hint: string | undefined;

  constructor(code: ProblemCode, detail: string, options: RegistryErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.options = options;
    this.hint = options.hint;
  }
}
