import { printable, quote, type JsonValue } from '@sheaf/workflow';
import { ActionError } from '../action-error.js';
import type { ActionOutputs } from '../action.js';
import type { Answer } from '../http/exchange.js';
import { isList, isMap, mapOf, numberOf, textOf, type Inputs } from '../inputs.js';
import { copyJson } from '../json-value.js';
import { findMisfit } from '../json-schema.js';

/** What the server says went wrong, where it says so as its kind does: `{"error": {"message": …}}`. */
export function readProblem({ status, body }: Answer): string {
  const said = parse(body);
  const error = isMap(said) ? said['error'] : undefined;
  const message = isMap(error) ? error['message'] : error;
  return typeof message === 'string' && message !== ''
    ? `answered ${status}: ${printable(message, 300)}`
    : `answered ${status}`;
}

/** The first choice of a chat completion as outputs, without `messages` and `attempts`. Throws ActionError `ai.…`. */
export function readCompletion(answer: Answer, schema: JsonValue | undefined): ActionOutputs {
  const completion = parse(answer.body);
  const choices = isMap(completion) ? completion['choices'] : undefined;
  const choice = isList(choices) ? choices[0] : undefined;
  if (!isMap(completion) || !isMap(choice)) {
    throw new ActionError('ai.answer', 'what the server answered is no chat completion', {
      hint: 'base_url must be the address before /chat/completions',
    });
  }
  const message = mapOf(choice, 'message');
  const text = textOf(message, 'content') ?? '';
  const finishReason = textOf(choice, 'finish_reason') ?? '';
  const outputs = {
    text,
    finish_reason: finishReason,
    usage: readUsage(mapOf(completion, 'usage')),
    model: textOf(completion, 'model') ?? '',
  };
  const refusal = textOf(message, 'refusal');
  if (refusal !== undefined && refusal !== '') {
    throw new ActionError('ai.refused', `the model refuses: ${printable(refusal, 300)}`, { outputs });
  }
  return { ...outputs, json: schema === undefined ? null : readValue(text, schema, outputs) };
}

/** What is a JSON value of the form that was asked for. Servers may take a schema for advice. */
function readValue(text: string, schema: JsonValue, outputs: Inputs & ActionOutputs): JsonValue {
  const value = parse(Buffer.from(text));
  const problem = value === undefined ? 'is no JSON' : findMisfit(schema, value);
  if (value !== undefined && problem === undefined) return value;
  const isCut = outputs['finish_reason'] === 'length';
  throw new ActionError('ai.output', `the answer does not fit the schema: ${problem ?? ''}`, {
    outputs,
    retryable: !isCut,
    ...(isCut ? { hint: 'it was cut off: raise max_tokens' } : {}),
  });
}

function readUsage(usage: Inputs): Inputs {
  const count = (name: string): number => {
    const given = numberOf(usage, name) ?? 0;
    return Number.isSafeInteger(given) && given >= 0 ? given : 0;
  };
  return {
    input_tokens: count('prompt_tokens'),
    output_tokens: count('completion_tokens'),
    total_tokens: count('total_tokens'),
  };
}

function parse(body: Uint8Array): JsonValue | undefined {
  try {
    return copyJson(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)));
  } catch {
    return undefined;
  }
}

/** For messages about a server. */
export function failedStatus(url: URL, answer: Answer): ActionError {
  const { status } = answer;
  return new ActionError('http.status', `${quote(url.host)} ${readProblem(answer)}`, {
    retryable: status === 429 || status >= 500,
    ...(status === 401 || status === 403
      ? { hint: 'give the name of a secret as key, and list it under secrets of [permissions]' }
      : {}),
  });
}
