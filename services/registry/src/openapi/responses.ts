import { MEDIA_TYPES, PROBLEMS, type ProblemCode } from '@sheaf/client/contract';
import type { Operation, OperationResponse } from '../http/operation.js';
import { referTo, type Json } from './components.js';
import { problemsOf } from './problems.js';

const text = (description: string) => ({ description, schema: { type: 'string' } });

/** Headers that are described once. */
export const HEADERS: Json = {
  'X-Request-Id': text(
    "the caller's X-Request-Id when it was well formed, else a new one; also in every problem",
  ),
  ETag: text('strong entity tag: the same bytes have the same one'),
  'Cache-Control': text('who may keep the answer, and for how long'),
  'Retry-After': { description: 'seconds to wait before asking again', schema: { type: 'integer' } },
  'Content-Range': text('which bytes these are, and of how many'),
};
const header = (name: string) => ({ [name]: { $ref: `#/components/headers/${name}` } });

/** Every answer of an operation by its status. */
export function describeResponses(method: string, operation: Operation): Json {
  const answers = Object.entries(operation.responses).map(([status, response]) => [
    status,
    describeAnswer(response),
  ]);
  const isRepresentation = Object.values(operation.responses).some((r) => r.isRepresentation === true);
  const [whole] = Object.values(operation.responses);
  return {
    ...(Object.fromEntries(answers) as Json),
    ...(isRepresentation && whole && representations(whole)),
    ...describeProblems(problemsOf(method, operation), operation.isForBrowsers === true),
  };
}

function describeAnswer(response: OperationResponse): Json {
  const { description, isRepresentation, headers = {} } = response;
  return {
    description,
    headers: {
      ...header('X-Request-Id'),
      ...(isRepresentation && { ...header('ETag'), ...header('Cache-Control') }),
      ...Object.fromEntries(Object.entries(headers).map(([name, what]) => [name, text(what)])),
    },
    ...describeContent(response),
  };
}

function describeContent({ mediaType, schema }: OperationResponse): Json {
  const type = mediaType ?? (schema && 'application/json');
  return type === undefined ? {} : { content: { [type]: schema ? { schema: referTo(schema) } : {} } };
}

/** What a representation with an entity tag answers besides itself (RFC 9110 §13 and §14). */
function representations(whole: OperationResponse): Json {
  return {
    206: {
      description: 'The bytes that Range asked for',
      headers: { ...header('X-Request-Id'), ...header('ETag'), ...header('Content-Range') },
      ...(whole.mediaType !== undefined && { content: { [whole.mediaType]: {} } }),
    },
    304: {
      description: 'The caller has it: its ETag is in If-None-Match',
      headers: { ...header('X-Request-Id'), ...header('ETag') },
    },
  };
}

/** One answer for each status: a status of several codes names them all. */
function describeProblems(codes: readonly ProblemCode[], isForBrowsers: boolean): Json {
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => {
      const here = codes.filter((code) => PROBLEMS[code].status === status).sort();
      const isRetryable = here.some((code) => PROBLEMS[code].retryable);
      return [
        status,
        {
          description: here.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('; '),
          headers: { ...header('X-Request-Id'), ...(isRetryable && header('Retry-After')) },
          content: {
            [MEDIA_TYPES.problem]: {
              schema: {
                allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: here } } }],
              },
            },
            ...(isForBrowsers && { 'text/html': {} }),
          },
        },
      ];
    }),
  );
}
