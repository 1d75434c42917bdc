import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'undici';
import { BUILT_IN_ACTIONS, findAction, type JsonValue } from '@sheaf/workflow';
import {
  testAction,
  testRun,
  type Action,
  type SharedRun,
  type TestRun,
  type TestWorld,
} from '../../src/action-testing/index.js';
import { callTool } from '../../src/actions/mcp/mcp.js';
import { createBreaker } from '../../src/actions/outbound/breaker.js';
import { startHttpToy, type HttpToy } from './http-toy.js';
import { serverFrame, startWebSocketToy, type WebSocketToy } from './websocket-toy.js';

const STDIO = [process.execPath, join(import.meta.dirname, 'stdio-toy.mjs')];

let http: HttpToy;
let socket: WebSocketToy;
let shared: SharedRun;
let pauses: number[] = [];
let now = 0;

beforeAll(async () => {
  [http, socket] = await Promise.all([startHttpToy(), startWebSocketToy()]);
});
beforeEach(() => {
  shared = testRun();
  pauses = [];
  now += 1_000_000;
  for (const list of [http.calls, http.requests, socket.calls, socket.greetings]) list.length = 0;
});
afterEach(() => shared.close());
afterAll(() => Promise.all([http.close(), socket.close()]));

const manifest = findAction(BUILT_IN_ACTIONS, 'mcp');
if (manifest === undefined) throw new TypeError('no manifest');
const breaker = createBreaker({ now: () => now, wallNow: () => Date.UTC(2026, 0, 1) });
const action: Action = {
  manifest,
  run: (inputs, context) =>
    callTool({ breaker, pause: (ms) => Promise.resolve(void pauses.push(ms)) }, inputs, context),
};
const run = (inputs: Readonly<Record<string, JsonValue>>, world: TestWorld = {}): Promise<TestRun> =>
  testAction(action, {
    run: shared,
    cwd: import.meta.dirname,
    permissions: { network: ['127.0.0.1'], exec: [process.execPath], secrets: ['KEY'] },
    secrets: { KEY: 'sesame' },
    ...world,
  }).run(inputs);

const places = () =>
  ({
    stdio: { command: STDIO },
    'streamable HTTP': { url: http.url },
    WebSocket: { url: socket.url },
  }) as const;

describe.each(['stdio', 'streamable HTTP', 'WebSocket'] as const)('a tool over %s', (kind) => {
  it('is called where the server has it, and gives text, a value, and who answered', async () => {
    const { outputs, error } = await run({ ...places()[kind], tool: 'add', arguments: { a: 20, b: 22 } });
    expect(error).toBeUndefined();
    expect(outputs).toMatchObject({
      text: kind === 'stdio' ? '42' : '20 + 22',
      structured: kind === 'stdio' ? { id: expect.any(String) as string } : { sum: 42 },
      server: 'toy 1.2.3',
      protocol: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string,
      attempts: 1,
    });
    const other = await run({ ...places()[kind], tool: 'ad' });
    expect(other.error).toMatchObject({
      code: 'mcp.unknown_tool',
      hint: 'did you mean "add"?',
      retryable: false,
    });
  });
});

describe('a server that is started', () => {
  const call = (tool: string, given: Readonly<Record<string, JsonValue>> = {}, rest: object = {}) =>
    run({ command: STDIO, tool, arguments: given, ...rest });

  it('is shared by the steps of a run and ends with it', async () => {
    const first = await call('environment', { name: 'X' });
    // What is no message does no harm.
    await call('chatter');
    const second = await call('add', { a: 1, b: 2 });
    const { pid } = first.outputs['structured'] as { pid: number };
    expect(second.outputs['structured']).toEqual(first.outputs['structured']);
    await shared.close();
    expect(() => process.kill(pid, 0)).toThrow();
  });

  it('gets secrets in its environment, and its own words are in the log', async () => {
    const given = { name: 'TOKEN' };
    const { outputs, log, secretsAsked } = await call('environment', given, { env: { TOKEN: 'a-${KEY}-b' } });
    expect(outputs['text']).toBe('a-sesame-b');
    expect(secretsAsked).toEqual(['KEY']);
    expect(log).toContain('asked for TOKEN');
    const other = await call('environment', given);
    expect(other.outputs['text']).toBe('none');
    // Another environment is another server.
    expect(other.outputs['structured']).not.toEqual(outputs['structured']);
  });

  it('is started anew when it has died, for the next call', async () => {
    const { error } = await call('die');
    expect(error).toMatchObject({ code: 'mcp.failed', retryable: true });
    expect(error?.message).toContain('it ended with exit code 7: about to die');
    expect((await call('add', { a: 1, b: 1 })).outputs['text']).toBe('2');
  });

  it.each([
    ['is not there', ['/no/such/program'], 'could not be started'],
    ['says nothing and ends', ['false'], 'it ended with exit code 1'],
  ])('fails with the reason when it %s', async (_, command, message) => {
    const { error } = await run({ command, tool: 'add', retries: 1 }, { permissions: { exec: ['*'] } });
    expect(error?.code).toBe('mcp.connect');
    expect(error?.message).toContain(message);
    expect(pauses).toHaveLength(1);
  });

  it('is waited for only so long', async () => {
    const { error } = await run(
      { command: ['sleep', '60'], tool: 'add', connect_timeout_ms: 50, retries: 0 },
      { permissions: { exec: ['sleep'] } },
    );
    expect(error).toMatchObject({ code: 'mcp.connect', retryable: true });
    expect(error?.message).toContain('it took too long');
  });

  it('is not started where the run may not', async () => {
    const { error } = await run({ command: STDIO, tool: 'add' }, { permissions: { exec: ['node'] } });
    expect(error?.code).toBe('policy.denied');
  });

  it.each([
    ['LD PRELOAD', 'action.input'],
    ['SHEAF_STEP', 'action.input'],
  ])('is given no variable %s', async (name, code) => {
    expect((await call('add', {}, { env: { [name]: 'x' } })).error?.code).toBe(code);
  });
});

describe('results', () => {
  const call = (tool: string, rest: object = {}, world: TestWorld = {}) =>
    run({ url: http.url, tool, ...rest }, world);

  it('are failures where the tool says so, with what it said', async () => {
    const { error, outputs } = await call('fail');
    expect(error).toMatchObject({ code: 'mcp.tool', retryable: true });
    expect(error?.message).toContain('failed: no luck');
    expect(error?.message).not.toContain('\u001b');
    expect(outputs['content']).toHaveLength(1);
  });

  it('have all that is not text as content, and what the server logs is in the log', async () => {
    const { outputs, log } = await call('tell');
    expect(outputs['text']).toBe('one\ntwo');
    expect(outputs['content']).toContainEqual({ type: 'image', data: 'AAAA', mimeType: 'image/png' });
    expect(outputs['structured']).toBeNull();
    expect(log).toContain('info: once upon');
    expect(log).not.toContain('\u001b');
  });

  it('are refused where they break the schema that the tool has', async () => {
    const { error } = await call('lie');
    expect(error?.code).toBe('mcp.answer');
    expect(error?.message).toContain('it lacks "truth"');
  });

  it('are what the server answers when it refuses', async () => {
    const { error } = await call('refuse');
    expect(error).toMatchObject({ code: 'mcp.failed', retryable: false });
    expect(error?.message).toContain('not to be called');
  });

  it('that take too long are not waited for, and the server is told', async () => {
    const { error } = await call('sleep', { timeout_ms: 100 });
    expect(error).toMatchObject({ code: 'mcp.timeout', retryable: true });
    await expect.poll(() => http.calls).toEqual(['sleep', 'cancelled']);
    const aborted = await call('sleep', {}, { signal: AbortSignal.timeout(100) });
    expect(aborted.error?.code).toBe('action.cancelled');
  });
});

describe('a server on the network', () => {
  it('gets a secret in a header, with every request', async () => {
    await run({ url: http.url, tool: 'add', arguments: { a: 1, b: 1 }, bearer: 'KEY' });
    await run({
      url: socket.url,
      tool: 'add',
      arguments: { a: 1, b: 1 },
      headers: { Authorization: 'Token ${KEY}' },
    });
    expect(http.requests.length).toBeGreaterThan(2);
    expect(new Set(http.requests.map((each) => each.split(' ').slice(1).join(' ')))).toEqual(
      new Set(['Bearer sesame']),
    );
    expect(socket.greetings).toEqual(['Token sesame']);
  });

  it('is connected to once for a run, and told when the run ends', async () => {
    for (let a = 0; a < 3; a += 1) await run({ url: http.url, tool: 'add', arguments: { a, b: 1 } });
    for (let a = 0; a < 3; a += 1) await run({ url: socket.url, tool: 'add', arguments: { a, b: 1 } });
    expect(socket.greetings).toHaveLength(1);
    expect(http.requests.filter((each) => each.startsWith('GET'))).toHaveLength(1);
    await shared.close();
    expect(http.requests.filter((each) => each.startsWith('DELETE'))).toHaveLength(1);
    await expect.poll(() => socket.sockets.size).toBe(0);
  });

  it('that was restarted gets a new session', async () => {
    await run({ url: http.url, tool: 'add', arguments: { a: 1, b: 1 } });
    http.forget();
    const { outputs, error } = await run({ url: http.url, tool: 'fail' });
    expect(error?.code).toBe('mcp.tool');
    expect(outputs['text']).toContain('no luck');
  });

  it('that refuses is not asked again, and the hint says what to give', async () => {
    http.refuse = (response) => response.writeHead(401).end();
    const { error } = await run({ url: http.url, tool: 'add' });
    http.refuse = undefined;
    expect(error).toMatchObject({ code: 'mcp.connect', retryable: false });
    expect(error?.hint).toContain('as bearer');
    expect(http.requests).toHaveLength(1);
  });

  it('that fails is asked again, and left alone when it fails again and again', async () => {
    let refusals = 2;
    http.refuse = (response) => {
      if (refusals-- > 0) response.writeHead(503).end();
      else http.refuse = undefined;
      if (refusals < 0) response.writeHead(503).end();
    };
    const well = await run({ url: http.url, tool: 'add', arguments: { a: 1, b: 1 }, retries: 5 });
    expect(well.outputs).toMatchObject({ text: '1 + 1', attempts: 4 });
    await shared.close();
    http.refuse = (response) => response.writeHead(503).end();
    const { log } = await run({ url: http.url, tool: 'add', retries: 10 });
    expect(log).toContain('is left alone until 2026-01-01T00:00:30Z');
    const { error } = await run({ url: http.url, tool: 'add' });
    http.refuse = undefined;
    expect(error?.code).toBe('http.circuit_open');
  });

  it('that breaks the connection is asked again only where the tool says that this is harmless', async () => {
    const broken = await run({ url: socket.url, tool: 'hang_up' });
    expect(broken.error?.code).toBe('mcp.failed');
    expect(socket.calls).toEqual(['hang_up']);
    socket.calls.length = 0;
    const harmless = await run({ url: socket.url, tool: 'flaky' });
    expect(harmless.outputs).toMatchObject({ text: 'well now', attempts: 2 });
    expect(socket.calls).toEqual(['flaky', 'flaky']);
    const next = await run({ url: socket.url, tool: 'add', arguments: { a: 2, b: 2 } });
    expect(next.outputs['text']).toBe('2 + 2');
  });

  it('that sends more than is taken is left', async () => {
    socket.greet = (each) => each.write(Buffer.from('817f0000000100000000', 'hex'));
    const { error } = await run({ url: socket.url, tool: 'add', retries: 0 });
    socket.greet = undefined;
    expect(error?.code).toBe('mcp.connect');
  });

  it('that is none says what it is', async () => {
    const { error } = await run({ url: http.url.replace('http', 'ws'), tool: 'add', retries: 0 });
    expect(error?.code).toBe('mcp.connect');
    http.refuse = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    const page = await run({ url: http.url, tool: 'add', retries: 0 });
    http.refuse = undefined;
    expect(page.error?.code).toBe('mcp.connect');
    expect(page.error?.message).toContain('text/html');
  });

  it.each([
    ['a host that the run may not reach', { url: 'https://example.com/mcp' }, 'policy.denied'],
    ['one over WebSocket', { url: 'wss://example.com/mcp' }, 'policy.denied'],
    ['a password in the address', { url: 'http://a:b@127.0.0.1/mcp' }, 'action.input'],
    ['another protocol', { url: 'ftp://127.0.0.1/mcp' }, 'action.input'],
    ['neither command nor url', {}, 'action.input'],
    ['a secret that the run may not use', { url: 'http://127.0.0.1:1/', bearer: 'OTHER' }, 'policy.denied'],
    [
      'a secret that it may not use in a header',
      { url: 'http://127.0.0.1:1/', headers: { X: '${OTHER}' } },
      'policy.denied',
    ],
  ])('is not reached with %s', async (_, inputs, code) => {
    expect((await run({ tool: 'add', ...inputs })).error?.code).toBe(code);
  });
});

it('the server of these tests speaks WebSocket as another client understands it', async () => {
  socket.greet = (each) => each.write(serverFrame(9, Buffer.from('ping')));
  const client = new WebSocket(socket.url, { protocols: 'mcp' });
  const heard = new Promise((resolve, reject) => {
    client.addEventListener('message', ({ data }) => {
      resolve(JSON.parse(String(data)));
    });
    client.addEventListener('error', () => {
      reject(new Error('no connection'));
    });
  });
  client.addEventListener('open', () => {
    client.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }));
  });
  expect(await heard).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
  socket.greet = undefined;
  client.close();
});

it('loads nothing of the SDK before a step needs it', () => {
  const source = readFileSync(join(import.meta.dirname, '../../src/actions/mcp/mcp.ts'), 'utf8');
  expect(source).not.toMatch(/from '@modelcontextprotocol/);
});
