import type { ActionContext, ActionImplementation, ActionOutputs } from '../action.js';
import { buildRequest } from '../http/build-request.js';
import { exchange, type Answer, type Exchange } from '../http/exchange.js';
import { allowedHost } from '../http/hosts.js';
import { describeFailure, noAnswer } from '../http/no-answer.js';
import { numberOf, textOf, type Inputs } from '../inputs.js';
import { OUTBOUND, tryAgain, type OutboundDeps } from '../outbound/try-again.js';
import { failedStatus, readCompletion } from './answer.js';
import { buildQuestion } from './request.js';

/** The largest answer: what a model writes is far smaller. */
const MAX_BYTES = 4 * 1_048_576;

export interface ChatDeps extends OutboundDeps {
  readonly exchange: Exchange;
}

/** `ai.chat`. */
export const run: ActionImplementation = (inputs, context) =>
  chat({ ...OUTBOUND, exchange }, inputs, context);

export async function chat(deps: ChatDeps, inputs: Inputs, context: ActionContext): Promise<ActionOutputs> {
  const { messages, body } = buildQuestion(inputs);
  const key = textOf(inputs, 'key');
  const url = `${(textOf(inputs, 'base_url') ?? '').replace(/\/+$/, '')}/chat/completions`;
  const { headers = {} } = inputs;
  const asked = { url, method: 'POST', headers, json: body };
  const request = buildRequest(asked, key === undefined ? undefined : await context.secret(key));
  const host = allowedHost(request.url, context.permissions.network);
  context.onReach(host.hostname);
  const timeoutMs = numberOf(inputs, 'timeout_ms') ?? 120_000;
  const { value: answer, attempts } = await tryAgain<Answer>(
    deps,
    {
      origin: request.url.origin,
      name: host.hostname,
      attempts: 1 + (numberOf(inputs, 'retries') ?? 0),
      once: async () => {
        const limits = { timeoutMs, maxBytes: MAX_BYTES, signal: context.signal };
        const value = await deps.exchange(request, host, limits);
        const { status } = value;
        const tried = { value, isWell: status < 500 };
        if (status !== 429 && status < 500) return tried;
        return { ...tried, again: { why: `answered ${status}`, retryAfter: value.headers['retry-after'] } };
      },
      // To ask once more changes nothing anywhere.
      judge: (error) => ({
        error: noAnswer(request, error),
        mayTryAgain: true,
        why: describeFailure(error),
      }),
    },
    context,
  );
  if (answer.status < 200 || answer.status > 299) throw failedStatus(request.url, answer);
  const outputs = readCompletion(answer, inputs['schema']);
  context.log('stderr', `${host.hostname} answered: ${JSON.stringify(outputs['usage'])}\n`);
  return {
    ...outputs,
    messages: [...messages, { role: 'assistant', content: outputs['text'] ?? '' }],
    attempts,
  };
}
