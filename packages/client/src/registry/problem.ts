import { Check } from '@sinclair/typebox/value';
import { printable } from '@sheaf/workflow';
import {
  findProblemKind,
  MEDIA_TYPES,
  ProblemSchema,
  type Problem,
  type ProblemCode,
} from '../contract/index.js';
import { ClientError, type RetryAdvice } from '../errors.js';
import { parseBounded } from './json.js';
import { parseRetryAfterMs } from './retry.js';

/** An answer of status 400 or above, its body within limits. */
export interface FailedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** Turns a failed answer into an error: a problem document keeps its code, anything else is named for what it is. */
export function readProblem(response: FailedResponse, url: string, nowMs: number): ClientError {
  const afterMs = parseRetryAfterMs(response.headers['retry-after'], nowMs);
  const problem = parseProblem(response);
  if (problem === undefined) return strangerError(response.status, url, afterMs);
  const kind = findProblemKind(problem.code);
  const retry = kind?.retryable === true ? advice(afterMs) : undefined;
  const detail = printable(problem.detail || problem.title, 500);
  if (kind === undefined) {
    return new ClientError('response.problem', `${detail} (${printable(problem.code)})`, {
      hint: `ask the operator of ${url}, naming request ${printable(problem.requestId)}`,
      problem,
      retry: response.status >= 500 ? advice(afterMs) : undefined,
    });
  }
  return new ClientError(problem.code as ProblemCode, detail, { hint: kind.remedy, problem, retry });
}

function parseProblem(response: FailedResponse): Problem | undefined {
  const type = response.headers['content-type'] ?? '';
  if (!type.startsWith(MEDIA_TYPES.problem)) return undefined;
  const value = parseBounded(response.body);
  return Check(ProblemSchema, value) ? value : undefined;
}

/** Something in between answered, or the address is not that of a registry. */
function strangerError(status: number, url: string, afterMs: number | undefined): ClientError {
  const isPassing = status === 429 || (status >= 502 && status <= 504);
  return new ClientError(
    'response.invalid',
    `${url} answered with status ${status} and not as a registry does`,
    {
      hint: isPassing
        ? 'a proxy may stand before it: try again in a moment'
        : 'check that the address is that of a sheaf registry',
      retry: isPassing ? advice(afterMs) : undefined,
    },
  );
}

function advice(afterMs: number | undefined): RetryAdvice {
  return { maybeReceived: true, ...(afterMs === undefined ? {} : { afterMs }) };
}
