import { WebhookRefusedError } from './send.js';

const WORDS: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'the name of the endpoint is not known'],
  ['EAI_AGAIN', 'the name of the endpoint could not be looked up'],
  ['ECONNREFUSED', 'the endpoint takes no connections'],
  ['ECONNRESET', 'the endpoint ended the connection'],
  ['UND_ERR_SOCKET', 'the endpoint ended the connection'],
  ['EHOSTUNREACH', 'the endpoint cannot be reached'],
  ['ENETUNREACH', 'the endpoint cannot be reached'],
  ['ETIMEDOUT', 'the endpoint did not answer in time'],
  ['UND_ERR_CONNECT_TIMEOUT', 'the endpoint did not answer in time'],
  ['UND_ERR_HEADERS_OVERFLOW', 'the headers of the answer are too long'],
]);
const TLS_CODE = /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$)/;

/**
 * Why an endpoint gave no answer, for whoever owns the webhook. Only words of ours: what the system says names addresses,
 * and where a name leads inside our network is not for everybody who may name it.
 */
export function describeUnanswered(error: unknown): string {
  if (error instanceof WebhookRefusedError) return 'nothing is sent to where the endpoint is';
  const code = codeOf(error);
  if (code === 'ABORT_ERR' || isTimeout(error)) return 'the endpoint did not answer in time';
  if (TLS_CODE.test(code)) return `the connection to the endpoint is not secure: ${code}`;
  return WORDS.get(code) ?? 'the endpoint did not answer';
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'string' && /^[A-Z_0-9]{1,60}$/.test(code)) return code;
  // Several addresses were tried.
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return '';
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}
