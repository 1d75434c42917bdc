import { printable } from '@sheaf/workflow';
import { ActionError } from '../action-error.js';
import { shownUrl, type OutgoingRequest } from './build-request.js';

/** What is said when no answer came. */
export function noAnswer({ method, url }: OutgoingRequest, cause: unknown): ActionError {
  const message = printable(`${method} ${shownUrl(url)} got no answer: ${describeFailure(cause)}`, 500);
  return new ActionError('http.failed', message, { cause, retryable: true });
}

/** The code that the system or the client gives an error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Why no answer came, in a few words. */
export function describeFailure(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'it took too long';
  const code = codeOf(error);
  return printable(code ?? (error instanceof Error ? error.message : String(error)), 200);
}
