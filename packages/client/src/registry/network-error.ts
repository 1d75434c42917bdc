import { cancelled, closed } from '../cancelled.js';
import { ClientError, type ClientErrorOptions, type RetryAdvice } from '../errors.js';
import { NAME_AUTHORITY, NAME_REGISTRY } from '../remedy.js';

/** The connection never stood, so the registry has not seen the request. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** This machine has no way out, or nobody to ask for names. */
const OFFLINE = new Set(['ENETDOWN', 'ENETUNREACH', 'EAI_AGAIN']);
/** Answered at once and the same for a while: who waits learns more from the error than from further attempts. */
const SETTLED = new Set([...OFFLINE, 'ECONNREFUSED', 'EHOSTUNREACH', 'ENOTFOUND']);

const TIMEOUTS = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);
const TLS = /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;
/** Not speaking HTTP, not TLS we accept, or a client that was closed meanwhile: trying again changes nothing. */
const FINAL = /^(?:HPE_|UND_ERR_HEADERS_OVERFLOW|UND_ERR_INVALID|UND_ERR_DESTROYED|UND_ERR_CLOSED)/;

const UNKNOWN_AUTHORITY = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** What may have ended an exchange beside the network. */
export interface ExchangeEnds {
  /** Of the registry. */
  readonly url: string;
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
  /** Aborted once the client is closed. */
  readonly closed: AbortSignal;
  /** The time limit of the exchange. */
  readonly deadline: AbortSignal;
}

/** Puts an error of the transport into this package's terms: what could not be reached, why, and what to do. */
export function networkError(error: unknown, from: ExchangeEnds): ClientError {
  if (from.signal?.aborted === true) return cancelled(from.signal.reason);
  if (from.closed.aborted) return closed(error);
  if (error instanceof ClientError) return error;
  if (from.deadline.aborted) return timeoutError(from.url, from.deadline.reason, true);
  const code = systemCodeOf(error);
  if (TIMEOUTS.has(code)) return timeoutError(from.url, error, !NEVER_SENT.has(code));
  return new ClientError(
    'network.unreachable',
    `cannot reach the registry at ${from.url}: ${explainCode(code)}`,
    {
      ...adviceFor(code),
      cause: error,
      retry: retryAdviceFor(code),
    },
  );
}

function timeoutError(url: string, cause: unknown, maybeReceived: boolean): ClientError {
  return new ClientError('network.timeout', `the registry at ${url} did not answer in time`, {
    hint: 'check the address and the connection, then try again',
    cause,
    retry: { maybeReceived },
  });
}

/** Whether there was no connection to send anything over. */
export function isBeforeSending(code: string): boolean {
  return NEVER_SENT.has(code) || TLS.test(code);
}

/** Whether the same error would come again. */
function isFinalCode(code: string): boolean {
  return FINAL.test(code) || TLS.test(code);
}

/** Whether and how often to try again after an error of the system or of the transport; undefined for never. */
export function retryAdviceFor(code: string): RetryAdvice | undefined {
  if (isFinalCode(code)) return undefined;
  const maybeReceived = !NEVER_SENT.has(code);
  return SETTLED.has(code) ? { maybeReceived, atMost: 1 } : { maybeReceived };
}

/** What a code of the system or of the transport means, for whoever reads the error. */
export function explainCode(code: string): string {
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ENOTFOUND') return 'the host name is not known';
  if (code === 'EHOSTUNREACH') return 'the host cannot be reached';
  if (OFFLINE.has(code)) return 'this machine seems to be offline';
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET' || code === 'EPIPE') return 'the connection was cut';
  if (code.startsWith('HPE_')) return 'the answer is not HTTP';
  return code === '' ? 'the connection failed' : `the connection failed with ${code}`;
}

function adviceFor(code: string): Pick<ClientErrorOptions, 'hint' | 'remedy'> {
  if (code === 'ECONNREFUSED')
    return { hint: `start the registry there, or ${NAME_REGISTRY.text}`, remedy: NAME_REGISTRY };
  if (UNKNOWN_AUTHORITY.has(code)) {
    const hint = `if an authority of your own signs its certificate, ${NAME_AUTHORITY.text}`;
    return { hint, remedy: NAME_AUTHORITY };
  }
  if (isFinalCode(code))
    return { hint: 'check the scheme, host and port of the address, and its certificate' };
  if (OFFLINE.has(code)) return { hint: 'check the connection, then try again' };
  return { hint: 'check the address and the connection, then try again' };
}

/** The code of a system's or transport's error, or of what caused it; empty without one. */
export function systemCodeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  // undici's parser names itself, and gives most of its errors no code.
  if (error instanceof Error && error.name === 'HTTPParserError') return 'HPE_INVALID';
  return error instanceof Error && error.cause !== undefined ? systemCodeOf(error.cause) : '';
}
