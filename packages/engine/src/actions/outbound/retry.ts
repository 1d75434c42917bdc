import { createHash } from 'node:crypto';

const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 10_000;
/** A server that wants more patience than this is left to the retry of the step. */
const MAX_RETRY_AFTER_MS = 60_000;

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
const STATUSES = new Set([429, 502, 503, 504]);
/** The request never left this machine, so that nothing was done. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Whether the same request may be sent again after an answer. What changes something only where the server says that it was not done. */
export function mayRetryAnswer(method: string, status: number, retryAfter: string | undefined): boolean {
  if (!STATUSES.has(status)) return false;
  return SAFE.has(method) || status === 429 || (status === 503 && retryAfter !== undefined);
}

/** Whether the same request may be sent again when no answer came. */
export function mayRetryFailure(method: string, code: string | undefined): boolean {
  return SAFE.has(method) || (code !== undefined && NOT_SENT.has(code));
}

/**
 * How long to wait before the next try, or undefined when the server asks for more patience than there is: what it says, or twice
 * the time of the try before, a little varied by the seed, so that many steps do not come back at the same moment.
 */
export function retryDelay(
  attempt: number,
  options: { readonly seed: string; readonly retryAfter?: string; readonly now: number },
): number | undefined {
  const asked = parseRetryAfter(options.retryAfter, options.now);
  if (asked !== undefined) return asked > MAX_RETRY_AFTER_MS ? undefined : asked;
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), MAX_DELAY_MS);
  const share = createHash('sha256').update(`${options.seed}/${attempt}`).digest().readUInt16LE() / 65_536;
  return Math.round(delay * (0.5 + share / 2));
}

/** RFC 9110, 10.2.3: seconds or a date. */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
