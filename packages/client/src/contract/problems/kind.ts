/**
 * One problem of the table.
 *
 * - `status`: the HTTP status of the answer.
 * - `retryable`: the same request may succeed later without a change.
 * - `remedy`: what the person who sees it does next.
 */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly retryable: boolean;
  readonly remedy: string;
}

export const kind = (status: number, title: string, remedy: string, retryable = false): ProblemKind => ({
  status,
  title,
  retryable,
  remedy,
});
