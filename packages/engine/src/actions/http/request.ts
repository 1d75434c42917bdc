import { createHash } from 'node:crypto';
import { printable, type JsonValue } from '@sheaf/workflow';
import { allowedPath } from '../access.js';
import { ActionError } from '../action-error.js';
import type { ActionContext, ActionImplementation, ActionOutputs } from '../action.js';
import { MAX_TEXT_BYTES, writeFileAtomically } from '../files.js';
import { listOf, numberOf, textOf, type Inputs } from '../inputs.js';
import { copyJson } from '../json-value.js';
import { mayRetryAnswer, mayRetryFailure } from '../outbound/retry.js';
import { OUTBOUND, tryAgain, type OutboundDeps } from '../outbound/try-again.js';
import { buildRequest, followRedirect, shownUrl, type OutgoingRequest } from './build-request.js';
import { exchange, tooLarge, type Answer, type Exchange } from './exchange.js';
import { allowedHost } from './hosts.js';
import { codeOf, describeFailure, noAnswer } from './no-answer.js';

export interface HttpDeps extends OutboundDeps {
  readonly exchange: Exchange;
}

/** What came of a try with its redirections. */
interface Result {
  readonly answer: Answer;
  readonly request: OutgoingRequest;
}

/** `http.request`. */
export const run: ActionImplementation = (inputs, context) =>
  requestOverHttp({ ...OUTBOUND, exchange }, inputs, context);

export async function requestOverHttp(
  deps: HttpDeps,
  inputs: Inputs,
  context: ActionContext,
): Promise<ActionOutputs> {
  const secret = textOf(inputs, 'bearer');
  const first = buildRequest(inputs, secret === undefined ? undefined : await context.secret(secret));
  const { hostname } = allowedHost(first.url, context.permissions.network);
  const { value, attempts } = await tryAgain<Result>(
    deps,
    {
      origin: first.url.origin,
      name: hostname,
      attempts: 1 + (numberOf(inputs, 'retries') ?? 0),
      once: async () => {
        const result = await follow(deps, first, inputs, context);
        const { status, headers } = result.answer;
        const retryAfter = headers['retry-after'];
        const isWell = status < 502 || status > 504;
        const tried = { value: result, isWell };
        return mayRetryAnswer(first.method, status, retryAfter)
          ? { ...tried, again: { why: `answered ${status}`, retryAfter } }
          : tried;
      },
      judge: (error) => ({
        error: noAnswer(first, error),
        mayTryAgain: mayRetryFailure(first.method, codeOf(error)),
        why: describeFailure(error),
      }),
    },
    context,
  );
  const { answer, request } = value;
  const outputs = await outputsOf(answer, inputs, context);
  const all = { ...outputs, url: request.url.href, attempts };
  if (isExpected(answer.status, listOf(inputs, 'expect'))) return all;
  const said = `${first.method} ${shownUrl(request.url)} answered ${answer.status}`;
  throw new ActionError('http.status', printable(said, 500), {
    outputs: all,
    retryable: answer.status === 429 || answer.status >= 500,
  });
}

/** One try, with its redirections: each host is checked like the first. */
async function follow(
  deps: HttpDeps,
  first: OutgoingRequest,
  inputs: Inputs,
  { permissions, signal, onReach }: ActionContext,
): Promise<Result> {
  const limits = {
    timeoutMs: numberOf(inputs, 'timeout_ms') ?? 30_000,
    maxBytes: numberOf(inputs, 'max_bytes') ?? MAX_TEXT_BYTES,
    signal,
  };
  let request = first;
  for (let redirects = numberOf(inputs, 'redirects') ?? 5; ; redirects -= 1) {
    const host = allowedHost(request.url, permissions.network);
    onReach(host.hostname);
    const answer = await deps.exchange(request, host, limits);
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
