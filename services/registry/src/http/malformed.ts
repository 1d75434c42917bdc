import { STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { MEDIA_TYPES, PROBLEMS } from '@sheaf/client/contract';
import type { AppDeps } from '../app-deps.js';
import { RegistryError } from '../domain/error.js';
import { toProblem } from './problem.js';
import { recordRequest } from './record-request.js';
import { requestIdOf } from './request-id.js';

/** What the parser of requests says, and what of it the caller is told; all else that it says is a malformed request. */
const REFUSALS = {
  HPE_HEADER_OVERFLOW: ['request.headers_too_large', 'request line and headers are larger than 16 KiB'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['request.too_large', 'the extensions of the chunks are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request.timeout', 'the request did not arrive in time'],
  HPE_INVALID_METHOD: ['request.invalid', 'the method is none of HTTP'],
} as const;

/**
 * Answers with problem details, and ends the connection, when what comes is no request that Node can read: nothing else of
 * the service gets to see it.
 */
export function answerMalformed(server: Server, deps: Pick<AppDeps, 'log' | 'metrics'>): void {
  const answers = new WeakMap<Duplex, Set<ServerResponse>>();
  server.on('request', ({ socket }, response) => {
    const open = answers.get(socket) ?? new Set();
    answers.set(socket, open.add(response));
    response.once('close', () => open.delete(response));
  });
  // An expectation that nobody knows may be passed over (RFC 9110 §10.1.1); Node would refuse it without a word.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const open = [...(answers.get(socket) ?? [])];
    const refusal = refusalFor(error.code);
    // Into the middle of an answer nothing is written.
    if (refusal === undefined || !socket.writable || open.some(({ headersSent }) => headersSent)) {
      socket.destroy();
      return;
    }
    const requestId = requestIdOf('');
    socket.end(render(refusal, requestId), () => {
      socket.destroy();
    });
    // One that some route had begun to look at is recorded as that, once it ends.
    if (open.length > 0) return;
    const { status, code } = toProblem(refusal, requestId);
    recordRequest(deps, { method: 'none', route: 'none', status, ms: 0, requestId, errorCode: code });
  });
}

/** Undefined when it is the connection that failed. */
function refusalFor(code = ''): RegistryError | undefined {
  if (Object.hasOwn(REFUSALS, code)) {
    const [problem, detail] = REFUSALS[code as keyof typeof REFUSALS];
    return new RegistryError(problem, detail);
  }
  return code.startsWith('HPE_')
    ? new RegistryError('request.invalid', 'this is not a request of HTTP/1.1')
    : undefined;
}

/** By hand: there is no request, and so no answer of Node's that could be filled in. */
function render(error: RegistryError, requestId: string): string {
  const problem = toProblem(error, requestId);
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    'Connection: close',
    `Content-Type: ${MEDIA_TYPES.problem}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${requestId}`,
    ...(PROBLEMS[error.code].retryable ? ['Retry-After: 1'] : []),
    '',
    body,
  ].join('\r\n');
}
