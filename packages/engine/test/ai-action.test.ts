import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BUILT_IN_ACTIONS, findAction, type JsonValue } from '@sheaf/workflow';
import { testAction, type Action, type TestRun, type TestWorld } from '../src/action-testing/index.js';
import { chat } from '../src/actions/ai/chat.js';
import { exchange } from '../src/actions/http/exchange.js';
import { createBreaker } from '../src/actions/outbound/breaker.js';

interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

let asked: Asked[] = [];
let answer: (response: ServerResponse, asked: Asked) => void = () => undefined;
let pauses: number[] = [];
let now = 0;
let base = '';

const server = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    const body = JSON.parse(text) as Asked['body'];
    const one = { url: request.url ?? '', headers: request.headers, body };
    asked.push(one);
    answer(response, one);
  });
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
beforeEach(() => {
  asked = [];
  pauses = [];
  // Each test begins after any pause of the breaker.
  now += 1_000_000;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** What a server that speaks the protocol answers. */
const complete = (response: ServerResponse, content: string, more: object = {}): void => {
  response.setHeader('content-type', 'application/json');
  const choice = { index: 0, message: { role: 'assistant', content }, finish_reason: 'stop', ...more };
  const usage = { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 };
  response.end(
    JSON.stringify({ id: 'c1', object: 'chat.completion', model: 'small-2', choices: [choice], usage }),
  );
};
const refuse = (response: ServerResponse, status: number, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error: { message: `no luck\u001b[31m with ${status}`, type: 'some' } }));
};

const manifest = findAction(BUILT_IN_ACTIONS, 'ai.chat');
if (manifest === undefined) throw new TypeError('no manifest');
const breaker = createBreaker({ now: () => now, wallNow: () => Date.UTC(2026, 0, 1) });
const action: Action = {
  manifest,
  run: (inputs, context) =>
    chat({ exchange, breaker, pause: (ms) => Promise.resolve(void pauses.push(ms)) }, inputs, context),
};
const run = (inputs: Readonly<Record<string, JsonValue>>, world: TestWorld = {}): Promise<TestRun> =>
  testAction(action, {
    secrets: { KEY: 'sesame' },
    permissions: { network: ['127.0.0.1'], secrets: ['KEY'] },
    ...world,
  }).run({ base_url: base, model: 'small', ...inputs });

describe('ai.chat', () => {
  it('asks, and gives text, usage, why it ended, and the conversation to go on with', async () => {
    answer = (response) => {
      complete(response, 'Hello.');
    };
    const { outputs, error, log } = await run({
      system: 'Be brief.',
      prompt: 'Hi',
      messages: [{ role: 'user', content: 'before' }],
      temperature: 0.5,
      max_tokens: 100,
      options: { seed: 7 },
      key: 'KEY',
    });
    expect(error).toBeUndefined();
    expect(outputs).toEqual({
      text: 'Hello.',
      json: null,
      finish_reason: 'stop',
      usage: { input_tokens: 12, output_tokens: 3, total_tokens: 15 },
      model: 'small-2',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'before' },
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello.' },
      ],
      attempts: 1,
    });
    expect(asked[0]?.url).toBe('/v1/chat/completions');
    expect(asked[0]?.headers).toMatchObject({
      authorization: 'Bearer sesame',
      'content-type': 'application/json',
    });
    expect(asked[0]?.body).toMatchObject({ model: 'small', temperature: 0.5, max_tokens: 100, seed: 7 });
    expect(log).toContain('"output_tokens":3');
    expect(log).not.toContain('sesame');
  });

  it('gives what fits a schema as a value, and nothing else', async () => {
    const schema = {
      type: 'object',
      properties: { level: { enum: ['low', 'high'] } },
      required: ['level'],
    };
    answer = (response) => {
      complete(response, '{"level": "high"}');
    };
    expect((await run({ prompt: 'x', schema })).outputs['json']).toEqual({ level: 'high' });
    expect(asked[0]?.body['response_format']).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', strict: true, schema },
    });
    answer = (response) => {
      complete(response, '{"level": "mid"}');
    };
    const { error, outputs } = await run({ prompt: 'x', schema });
    expect(error).toMatchObject({ code: 'ai.output', retryable: true });
    expect(outputs['text']).toBe('{"level": "mid"}');
    answer = (response) => {
      complete(response, '{"level": "hi', { finish_reason: 'length' });
    };
    expect((await run({ prompt: 'x', schema })).error).toMatchObject({
      code: 'ai.output',
      retryable: false,
      hint: 'it was cut off: raise max_tokens',
    });
  });

  it('tries again after 429 and 5xx, as late as the server says', async () => {
    answer = (response) => {
      if (asked.length === 1) refuse(response, 429, { 'retry-after': '3' });
      else if (asked.length === 2) refuse(response, 500);
      else complete(response, 'at last');
    };
    const { outputs, log } = await run({ prompt: 'x' });
    expect(outputs).toMatchObject({ text: 'at last', attempts: 3 });
    expect(pauses[0]).toBe(3000);
    expect(log).toContain('127.0.0.1 answered 429, trying again');
  });

  it('tells what the server says, and does not ask again what it will not answer', async () => {
    answer = (response) => {
      refuse(response, 401);
    };
    const { error } = await run({ prompt: 'x' });
    expect(error).toMatchObject({ code: 'http.status', retryable: false });
    expect(error?.message).toContain('answered 401: no luck');
    expect(error?.message).not.toContain('\u001b');
    expect(error?.hint).toContain('as key');
    expect(asked).toHaveLength(1);
  });

  it('leaves a server alone that fails again and again, and says until when', async () => {
    answer = (response) => {
      refuse(response, 503);
    };
    const { log } = await run({ prompt: 'x', retries: 10 });
    expect(asked).toHaveLength(5);
    expect(log).toContain('is left alone until 2026-01-01T00:00:30Z');
    expect((await run({ prompt: 'x' })).error).toMatchObject({
      code: 'http.circuit_open',
      retryable: true,
      hint: expect.stringContaining('2026-01-01T00:00:30Z') as unknown,
    });
    now += 30_000;
    answer = (response) => {
      complete(response, 'well');
    };
    expect((await run({ prompt: 'x' })).log).toContain('is well again');
  });

  it.each([
    ['no answer of the protocol', (response: ServerResponse) => response.end('<html>'), 'ai.answer'],
    [
      'a refusal',
      (response: ServerResponse) => {
        complete(response, '', { message: { role: 'assistant', content: null, refusal: 'no' } });
      },
      'ai.refused',
    ],
    [
      'an answer without end',
      (response: ServerResponse) => response.end('x'.repeat(5_000_000)),
      'http.too_large',
    ],
    [
      'a redirection to elsewhere',
      (response: ServerResponse) => response.writeHead(307, { location: 'https://example.com/' }).end(),
      'http.status',
    ],
  ])('fails with a code of its own for %s', async (_, say, code) => {
    answer = say;
    expect((await run({ prompt: 'x' })).error?.code).toBe(code);
    expect(asked).toHaveLength(1);
  });

  it('gives up when a try takes too long, and when it is told to', async () => {
    answer = () => undefined;
    expect((await run({ prompt: 'x', timeout_ms: 50, retries: 1 })).error).toMatchObject({
      code: 'http.failed',
      retryable: true,
    });
    expect(asked).toHaveLength(2);
    const signal = AbortSignal.timeout(50);
    expect((await run({ prompt: 'x' }, { signal })).error?.code).toBe('action.cancelled');
  });

  it.each([
    ['neither prompt nor messages', {}],
    ['a message without a role', { messages: [{ content: 'x' }] }],
    ['an option that has an input of its own', { prompt: 'x', options: { stream: true } }],
    ['an address that is none', { prompt: 'x', base_url: 'api.example.com' }],
  ])('refuses %s', async (_, inputs) => {
    expect((await run(inputs)).error?.code).toBe('action.input');
    expect(asked).toHaveLength(0);
  });

  it('reaches no host and takes no secret that the run may not', async () => {
    const network = { permissions: { network: ['example.com'] } };
    expect((await run({ prompt: 'x' }, network)).error?.code).toBe('policy.denied');
    const secrets = { permissions: { network: ['127.0.0.1'] } };
    expect((await run({ prompt: 'x', key: 'KEY' }, secrets)).error?.code).toBe('policy.denied');
    expect(asked).toHaveLength(0);
  });
});
