import { printable, quote } from '@sheaf/workflow';
import { ActionError } from '../action-error.js';
import { describeFailure } from '../http/no-answer.js';
import { HandshakeError } from '../websocket/connect.js';
import type { Sdk } from './load-sdk.js';

/** A server that could not be reached or did not answer, and what to make of that. */
export class McpTrouble extends Error {
  readonly reason: ActionError;
  /** Nothing was done yet, so that the same may be asked again. */
  readonly isUndone: boolean;

  constructor(reason: ActionError, isUndone: boolean) {
    super(reason.message, { cause: reason });
    this.name = 'McpTrouble';
    this.reason = reason;
    this.isUndone = isUndone;
  }
}

/** What went wrong while a server was connected to. `ended`: what became of its process. */
export function troubleAtStart(
  sdk: Sdk,
  name: string,
  cause: unknown,
  ended: string | undefined,
): McpTrouble | ActionError {
  const status = statusOf(sdk, cause);
  const why = ended ?? describe(sdk, cause);
  const hint = hintFor(status);
  const error = new ActionError('mcp.connect', `${quote(name, 200)} cannot be connected to: ${why}`, {
    cause,
    // Whoever is refused, or asks at a wrong address, will be once more.
    retryable: isTransient(status),
    ...(hint === undefined ? {} : { hint }),
  });
  return isTransient(status) ? new McpTrouble(error, true) : error;
}

/** What went wrong while a tool was called. */
export function troubleInCall(
  sdk: Sdk,
  tool: string,
  cause: unknown,
  ended: string | undefined,
): McpTrouble | ActionError {
  const code = codeOfError(sdk, cause);
  if (code === 'timeout') {
    const said = `the tool ${quote(tool)} gave no answer in time`;
    return new McpTrouble(new ActionError('mcp.timeout', said, { cause, retryable: true }), false);
  }
  if (code === 'refused') {
    // The server is well, and says no.
    const said = `the call of ${quote(tool)} was refused: ${describe(sdk, cause)}`;
    return new ActionError('mcp.failed', said, { cause });
  }
  const status = statusOf(sdk, cause);
  // A session that the server does not know any more, as after its restart: a new one begins with the next try.
  const mayBegin = status === 404;
  const why = ended ?? describe(sdk, cause);
  const hint = hintFor(status);
  const error = new ActionError('mcp.failed', `the call of ${quote(tool)} got no answer: ${why}`, {
    cause,
    retryable: isTransient(status) || mayBegin,
    ...(hint === undefined ? {} : { hint }),
  });
  if (!isTransient(status) && !mayBegin) return error;
  return new McpTrouble(error, mayBegin || status === 429 || status === 503);
}

/** What an error of the SDK is about: its own two, or what the server answered. */
function codeOfError(
  { McpError, ErrorCode }: Sdk,
  cause: unknown,
): 'timeout' | 'closed' | 'refused' | undefined {
  if (!(cause instanceof McpError)) return undefined;
  const own: readonly [number, number] = [ErrorCode.RequestTimeout, ErrorCode.ConnectionClosed];
  return cause.code === own[0] ? 'timeout' : cause.code === own[1] ? 'closed' : 'refused';
}

/** The status of an answer over HTTP that was no message. */
function statusOf({ StreamableHTTPError }: Sdk, cause: unknown): number | undefined {
  if (cause instanceof HandshakeError) return cause.status;
  return cause instanceof StreamableHTTPError && cause.code !== undefined && cause.code > 0
    ? cause.code
    : undefined;
}

function isTransient(status: number | undefined): boolean {
  return status === undefined || status === 429 || status >= 500;
}

function hintFor(status: number | undefined): string | undefined {
  if (status === 401 || status === 403)
    return 'give the name of a secret as bearer, or put ${NAME} into headers, and list it under secrets of [permissions]';
  return status === 404 || status === 405 ? 'check the address: many servers end in /mcp' : undefined;
}

function describe(sdk: Sdk, cause: unknown): string {
  const code = codeOfError(sdk, cause);
  if (code === 'timeout') return 'it took too long';
  if (code === 'closed') return 'the connection was closed';
  // The SDK puts a number of its own before what a server says.
  const said = describeFailure(
    cause instanceof Error && cause.cause instanceof Error ? rootOf(cause) : cause,
  );
  return printable(said.replace(/^MCP error -?\d+: /, '').replace(/^Streamable HTTP error: /, ''), 300);
}

function rootOf(error: Error): Error {
  return error.cause instanceof Error && 'code' in error.cause ? error.cause : error;
}
