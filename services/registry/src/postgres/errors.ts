export type PostgresErrorCode =
  | 'datadir.locked'
  | 'datadir.unusable'
  | 'postgres.unavailable'
  | 'postgres.init_failed'
  | 'postgres.start_failed'
  | 'postgres.port_taken'
  | 'postgres.stop_failed'
  | 'postgres.password_missing'
  | 'postgres.name_invalid';

/** What to do wherever the embedded server cannot serve. */
export const USE_OWN_SERVER = 'set DATABASE_URL to a PostgreSQL 15 or newer';

/** The one error of the embedded PostgreSQL and of its data directory. Branch on `code`. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError';
  readonly code: PostgresErrorCode;
  readonly hint: string;

  constructor(code: PostgresErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? USE_OWN_SERVER;
  }
}

/** The error of a data directory that the file system does not let us use. A `PostgresError` is returned as it is. */
export function toDataDirError(what: string, error: unknown): PostgresError {
  if (error instanceof PostgresError) return error;
  const { code } = error as NodeJS.ErrnoException;
  return new PostgresError('datadir.unusable', `${what}: ${code ?? 'unknown error'}`, {
    hint: 'choose a folder that this user can write, on a file system with hard links',
    cause: error,
  });
}
