import type { Diagnostic } from '@sheaf/workflow';

/** What packing warns about, beside what validation finds. */
export type PackCode =
  'pack.secret_file' | 'pack.secret_content' | 'pack.ignored' | 'pack.carriage_return' | 'pack.not_included';

/** A finding about the files of a bundle, in the form of the diagnostics of a definition. */
export interface PackFinding extends Omit<Diagnostic, 'code'> {
  readonly severity: 'warning';
  readonly code: PackCode;
}

/** A finding about a whole file stands at its beginning. */
export function aboutFile(code: PackCode, file: string, message: string, hint: string): PackFinding {
  return { severity: 'warning', code, message, hint, file, line: 1, column: 1 };
}

/** Whether publishing the file may give something away that cannot be taken back. */
export function isSecret({ code }: { readonly code: string }): boolean {
  return code === 'pack.secret_file' || code === 'pack.secret_content';
}
