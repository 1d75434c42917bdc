/** What keeps an export or an import from being done; nothing of it is visible then. */
export type ArchiveErrorCode =
  | 'archive.invalid'
  | 'archive.unreadable'
  | 'archive.exists'
  | 'import.key_mismatch'
  | 'import.not_a_mirror'
  | 'import.forked'
  | 'import.older'
  | 'import.busy'
  | 'export.incomplete'
  | 'export.unknown_namespace';

export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly code: ArchiveErrorCode;
  readonly hint: string;

  constructor(code: ArchiveErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }
}

/** An archive that is not what was exported. */
export function invalidArchive(problem: string, cause?: unknown): ArchiveError {
  return new ArchiveError(
    'archive.invalid',
    problem,
    'do not use it; carry the archive over again, and if it stays so, export it again',
    cause,
  );
}
