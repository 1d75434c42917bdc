import { quote, type JsonValue } from '@sheaf/workflow';
import { ActionError } from '../action-error.js';
import { isMap, listOf, mapOf, numberOf, textOf, type Inputs } from '../inputs.js';

/** What is asked: the messages, and the body of the request. */
export interface Question {
  readonly messages: readonly JsonValue[];
  readonly body: Inputs;
}

/** Fields that have an input of their own, or would make the answer another one than is read. */
const OWN = ['model', 'messages', 'stream', 'n', 'response_format', 'temperature', 'max_tokens'];

/** The body of a request for a chat completion. Throws ActionError `action.input`. */
export function buildQuestion(inputs: Inputs): Question {
  const messages = messagesOf(inputs);
  const options = mapOf(inputs, 'options');
  const taken = OWN.find((name) => Object.hasOwn(options, name));
  if (taken !== undefined) {
    throw new ActionError('action.input', `the field ${quote(taken)} cannot be one of options`, {
      hint: ['stream', 'n'].includes(taken)
        ? 'one answer is given, whole'
        : `give it as the input ${taken === 'response_format' ? 'schema' : taken}`,
    });
  }
  const temperature = numberOf(inputs, 'temperature');
  const maxTokens = numberOf(inputs, 'max_tokens');
  const { schema } = inputs;
  return {
    messages,
    body: {
      ...options,
      model: textOf(inputs, 'model') ?? '',
      messages,
      ...(temperature === undefined ? {} : { temperature }),
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
      ...(schema === undefined
        ? {}
        : {
            response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } },
          }),
    },
  };
}

function messagesOf(inputs: Inputs): readonly JsonValue[] {
  const system = textOf(inputs, 'system');
  const prompt = textOf(inputs, 'prompt');
  const given = listOf(inputs, 'messages');
  for (const [index, message] of given.entries()) {
    if (isMap(message) && typeof message['role'] === 'string' && Object.hasOwn(message, 'content')) continue;
    throw new ActionError('action.input', `the message ${index + 1} has no role and content`, {
      hint: 'a message is { role = "user", content = "…" }',
    });
  }
  const messages = [
    ...(system === undefined ? [] : [{ role: 'system', content: system }]),
    ...given,
    ...(prompt === undefined ? [] : [{ role: 'user', content: prompt }]),
  ];
  if (prompt !== undefined || given.length > 0) return messages;
  throw new ActionError('action.input', 'ai.chat needs a prompt or messages');
}
