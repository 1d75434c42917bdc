import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { printable, type JsonValue } from '@sheaf/workflow';
import { allowedPath } from '../access.js';
import { ActionError } from '../action-error.js';
import type { ActionContext, ActionImplementation, ActionOutputs } from '../action.js';
import { MAX_TEXT_BYTES, writeFileAtomically } from '../files.js';
import { listOf, numberOf, textOf, type Inputs } from '../inputs.js';
import { copyJson } from '../json-value.js';
import { createBreaker, type Breaker } from './breaker.js';
import { buildRequest, followRedirect, shownUrl, type OutgoingRequest } from './build-request.js';
import { exchange, tooLarge, type Answer, type Exchange } from './exchange.js';
import { allowedHost } from './hosts.js';
import { mayRetryAnswer, mayRetryFailure, retryDelay } from './retry.js';

export interface HttpDeps {
  readonly exchange: Exchange;
  readonly breaker: Breaker;
  readonly pause: (delayMs: number, signal: AbortSignal) => Promise<void>;
}

/** What came of all tries and redirections. */
interface Result {
  readonly answer: Answer;
  readonly request: OutgoingRequest;
  readonly attempts: number;
}

/** One for the process: what one step finds out of a server spares the next one. */
const breaker = createBreaker(() => performance.now());

/** `http.request`. */
export const run: ActionImplementation = (inputs, context) =>
  requestOverHttp(
    { exchange, breaker, pause: (delayMs, signal) => sleep(delayMs, undefined, { signal }) },
    inputs,
    context,
  );

export async function requestOverHttp(
  deps: HttpDeps,
  inputs: Inputs,
  context: ActionContext,
): Promise<ActionOutputs> {
  const secret = textOf(inputs, 'bearer');
  const first = buildRequest(inputs, secret === undefined ? undefined : await context.secret(secret));
  const result = await tryAgain(deps, first, inputs, context);
  const { answer, request, attempts } = result;
  const outputs = await outputsOf(answer, inputs, context);
  const all = { ...outputs, url: request.url.href, attempts };
  if (isExpected(answer.status, listOf(inputs, 'expect'))) return all;
  const said = `${first.method} ${shownUrl(request.url)} answered ${answer.status}`;
  throw new ActionError('http.status', printable(said, 500), {
    outputs: all,
    retryable: answer.status === 429 || answer.status >= 500,
  });
}

async function tryAgain(
  deps: HttpDeps,
  first: OutgoingRequest,
  inputs: Inputs,
  context: ActionContext,
): Promise<Result> {
  const attempts = 1 + (numberOf(inputs, 'retries') ?? 0);
  for (let attempt = 1; ; attempt += 1) {
    const { origin } = first.url;
    const host = allowedHost(first.url, context.permissions.network);
    deps.breaker.assertClosed(origin);
    const isLast = attempt >= attempts;
    let retryAfter: string | undefined;
    try {
      const { answer, request } = await follow(deps, first, inputs, context);
      const failed = answer.status >= 502 && answer.status <= 504;
      deps.breaker[failed ? 'failed' : 'succeeded'](origin);
      retryAfter = answer.headers['retry-after'];
      if (isLast || !mayRetryAnswer(first.method, answer.status, retryAfter))
        return { answer, request, attempts: attempt };
      context.log('stderr', `${host.hostname} answered ${answer.status}, trying again\n`);
    } catch (error) {
      if (error instanceof ActionError) throw error;
      context.signal.throwIfAborted();
      deps.breaker.failed(origin);
      if (isLast || !mayRetryFailure(first.method, codeOf(error))) throw noAnswer(first, error);
      context.log('stderr', `${host.hostname} gave no answer (${describe(error)}), trying again\n`);
    }
    const delayMs = retryDelay(attempt, {
      seed: `${context.seed}/${context.attempt}`,
      now: Date.now(),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
    if (delayMs === undefined) {
      throw new ActionError(
        'http.status',
        `${host.hostname} asks to be left alone for longer than a minute`,
        {
          retryable: true,
        },
      );
    }
    await deps.pause(delayMs, context.signal);
  }
}

/** One try, with its redirections: each host is checked like the first. */
async function follow(
  deps: HttpDeps,
  first: OutgoingRequest,
  inputs: Inputs,
  { permissions, signal }: ActionContext,
): Promise<Omit<Result, 'attempts'>> {
  const limits = {
    timeoutMs: numberOf(inputs, 'timeout_ms') ?? 30_000,
    maxBytes: numberOf(inputs, 'max_bytes') ?? MAX_TEXT_BYTES,
    signal,
  };
  let request = first;
  for (let redirects = numberOf(inputs, 'redirects') ?? 5; ; redirects -= 1) {
    const answer = await deps.exchange(request, allowedHost(request.url, permissions.network), limits);
    const next =
      redirects <= 0 ? undefined : followRedirect(request, answer.status, answer.headers['location']);
    if (next === undefined) return { answer, request };
    request = next;
  }
}

async function outputsOf(
  answer: Answer,
  inputs: Inputs,
  context: ActionContext,
): Promise<Record<string, JsonValue>> {
  const { status, headers, body } = answer;
  const save = textOf(inputs, 'save');
  if (save !== undefined) {
    const path = await allowedPath(context, save, 'write');
    await writeFileAtomically(path, {}, (file) => file.writeFile(body));
  } else if (body.length > MAX_TEXT_BYTES) throw tooLarge(MAX_TEXT_BYTES);
  const text = save === undefined ? decodeText(body) : '';
  const isJson = /^[^;]*[/+]json\s*(?:;|$)/i.test(headers['content-type'] ?? '');
  return {
    status,
    headers: { ...headers },
    body: text,
    json: isJson ? (parseOrNull(text) ?? null) : null,
    size: body.length,
    sha256: createHash('sha256').update(body).digest('hex'),
  };
}

function decodeText(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return '';
  }
}

function parseOrNull(text: string): JsonValue | undefined {
  try {
    return copyJson(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isExpected(status: number, expected: readonly JsonValue[]): boolean {
  return expected.length === 0 ? status >= 200 && status < 300 : expected.includes(status);
}

function noAnswer({ method, url }: OutgoingRequest, cause: unknown): ActionError {
  const message = printable(`${method} ${shownUrl(url)} got no answer: ${describe(cause)}`, 500);
  return new ActionError('http.failed', message, { cause, retryable: true });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function describe(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'it took too long';
  const code = codeOf(error);
  return printable(code ?? (error instanceof Error ? error.message : String(error)), 200);
}
