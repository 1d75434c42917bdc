import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BUILT_IN_ACTIONS, findAction, type JsonValue } from '@sheaf/workflow';
import { testAction, type Action, type TestRun, type TestWorld } from '../src/action-testing/index.js';
import { createBreaker } from '../src/actions/outbound/breaker.js';
import { exchange } from '../src/actions/http/exchange.js';
import { guardedLookup } from '../src/actions/http/guarded-lookup.js';
import { requestOverHttp } from '../src/actions/http/request.js';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let servers: Server[] = [];
let handler: Handler = (_, response) => response.end();
let hits = 0;
let origin = '';
let other = '';
let cwd = '';

const listen = async (): Promise<string> => {
  const server = createServer((request, response) => {
    hits += 1;
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      handler(request, response, body);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

beforeAll(async () => {
  [origin, other] = [await listen(), await listen()];
  cwd = await mkdtemp(join(tmpdir(), 'sheaf-http-'));
});
beforeEach(() => {
  hits = 0;
});
afterAll(async () => {
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  servers = [];
  await rm(cwd, { recursive: true, force: true });
});

const manifest = findAction(BUILT_IN_ACTIONS, 'http.request');
if (manifest === undefined) throw new TypeError('no manifest');

let now = 0;
let pauses: number[] = [];
const breaker = createBreaker({ now: () => now, wallNow: () => 1_800_000_000_000 + now });
const action: Action = {
  manifest,
  run: (inputs, context) =>
    requestOverHttp(
      { exchange, breaker, pause: (ms) => Promise.resolve(void pauses.push(ms)) },
      inputs,
      context,
    ),
};
const run = (inputs: Readonly<Record<string, JsonValue>>, world: TestWorld = {}): Promise<TestRun> => {
  pauses = [];
  // Each test begins after any pause of the breaker.
  now += 1_000_000;
  const permissions = {
    network: ['127.0.0.1'],
    write: ['dist/**'],
    secrets: ['TOKEN'],
    ...world.permissions,
  };
  return testAction(action, { cwd, secrets: { TOKEN: 'sesame' }, ...world, permissions }).run(inputs);
};

describe('http.request', () => {
  it('sends and reads JSON', async () => {
    handler = (request, response, body) => {
      response.setHeader('content-type', 'application/json; charset=utf-8');
      response.end(
        JSON.stringify({
          url: request.url,
          type: request.headers['content-type'],
          got: JSON.parse(body) as unknown,
        }),
      );
    };
    const { outputs, error } = await run({
      url: `${origin}/a?x=1`,
      method: 'POST',
      query: { tag: ['b', 'c d'], n: 2 },
      json: { hello: [1] },
    });
    expect(error).toBeUndefined();
    expect(outputs['json']).toEqual({
      url: '/a?x=1&tag=b&tag=c+d&n=2',
      type: 'application/json',
      got: { hello: [1] },
    });
    expect(outputs).toMatchObject({
      status: 200,
      attempts: 1,
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
  });

  it('sends a secret in a header and says it nowhere', async () => {
    handler = (request, response) =>
      response.writeHead(403).end(request.headers.authorization?.length.toString());
    const { outputs, error, secretsAsked, log } = await run({ url: origin, bearer: 'TOKEN', retries: 0 });
    expect(secretsAsked).toEqual(['TOKEN']);
    expect(outputs).toMatchObject({ status: 403, body: '13' });
    expect(error?.code).toBe('http.status');
    expect(JSON.stringify([outputs, error?.message, log])).not.toContain('sesame');
  });

  it('takes no secret that the run may not use', async () => {
    const { error } = await run({ url: origin, bearer: 'TOKEN' }, { permissions: { secrets: [] } });
    expect(error?.code).toBe('policy.denied');
    expect(hits).toBe(0);
  });

  it('saves a body to a file, and takes statuses that are expected', async () => {
    handler = (_, response) => response.writeHead(404).end(Buffer.from([0, 255, 1]));
    const { outputs, error } = await run({ url: origin, expect: [200, 404], save: 'dist/deep/body.bin' });
    expect(error).toBeUndefined();
    expect(outputs).toMatchObject({ status: 404, body: '', size: 3 });
    expect([...(await readFile(join(cwd, 'dist/deep/body.bin')))]).toEqual([0, 255, 1]);
  });

  it.each([
    ['a body that is too large', 'x'.repeat(2000), {}],
    [
      'a body that unpacks to what is too large',
      gzipSync('x'.repeat(100_000)),
      { 'content-encoding': 'gzip' },
    ],
  ])('stops at %s', async (_, body, headers) => {
    handler = (__, response) => response.writeHead(200, headers).end(body);
    expect((await run({ url: origin, max_bytes: 1000 })).error?.code).toBe('http.too_large');
  });

  it('unpacks what is packed', async () => {
    handler = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello'));
    expect((await run({ url: origin })).outputs['body']).toBe('hello');
  });

  it('gives up on a server that does not answer, and when it is told to', async () => {
    handler = () => undefined;
    expect((await run({ url: origin, timeout_ms: 50, retries: 0 })).error).toMatchObject({
      code: 'http.failed',
      retryable: true,
    });
    const signal = AbortSignal.timeout(50);
    expect((await run({ url: origin }, { signal })).error?.code).toBe('action.cancelled');
  });
});

describe('redirections', () => {
  it('are followed, without headers that may hold a secret where they lead to another origin', async () => {
    handler = (request, response) => {
      if (request.url === '/to') response.writeHead(302, { location: `${other}/end` }).end();
      else response.end(JSON.stringify(request.headers));
    };
    const { outputs } = await run({
      url: `${origin}/to`,
      method: 'POST',
      body: 'x',
      headers: { 'X-Key': 'k' },
      bearer: 'TOKEN',
    });
    expect(outputs['url']).toBe(`${other}/end`);
    expect(outputs['body']).not.toMatch(/sesame|x-key|content-length/);
  });

  it('lead to no host that the run may not reach', async () => {
    handler = (_, response) =>
      response.writeHead(307, { location: `${other.replace('127.0.0.1', 'localhost')}/` }).end();
    const { error } = await run({ url: origin });
    expect(error?.code).toBe('policy.denied');
    expect(hits).toBe(1);
  });

  it('are not followed more often than wanted', async () => {
    handler = (_, response) => response.writeHead(302, { location: '/' }).end();
    expect((await run({ url: origin, redirects: 3 })).outputs['status']).toBe(302);
    expect(hits).toBe(4);
  });
});

describe('trying again', () => {
  it('happens after an answer that says to, as often as wanted', async () => {
    handler = (_, response) => response.writeHead(hits < 3 ? 503 : 200, { 'retry-after': '2' }).end();
    expect((await run({ url: origin })).outputs).toMatchObject({ status: 200, attempts: 3 });
    expect(pauses).toEqual([2000, 2000]);
    handler = (_, response) => response.writeHead(503).end();
    hits = 0;
    expect((await run({ url: origin, retries: 1 })).error).toMatchObject({
      code: 'http.status',
      retryable: true,
    });
    expect(hits).toBe(2);
  });

  it.each([
    ['POST', 502, 1],
    ['POST', 429, 3],
    ['PUT', 502, 3],
    ['GET', 500, 1],
  ])('of %s after %i makes %i requests', async (method, status, count) => {
    handler = (_, response) => response.writeHead(status).end();
    await run({ url: origin, method });
    expect(hits).toBe(count);
  });

  it('of what may have been done does not happen when the connection breaks', async () => {
    handler = (request) => request.socket.destroy();
    await run({ url: origin, method: 'POST' });
    expect(hits).toBe(1);
    await run({ url: origin });
    expect(hits).toBe(4);
  });

  it('ends after five failures in a row, for half a minute', async () => {
    handler = (_, response) => response.end();
    await run({ url: origin });
    hits = 0;
    handler = (_, response) => response.writeHead(502).end();
    await run({ url: origin, retries: 10 });
    expect(hits).toBe(5);
    const last = await testAction(action, { permissions: { network: ['127.0.0.1'] } }).run({ url: origin });
    expect(last.error?.code).toBe('http.circuit_open');
    expect(hits).toBe(5);
    handler = (_, response) => response.end('well again');
    expect((await run({ url: origin })).outputs['body']).toBe('well again');
  });
});

describe('hosts', () => {
  it.each([
    ['a host that is not named', 'https://example.com/', ['example.org'], 'policy.denied'],
    ['a host that only ends like one', 'https://badexample.com/', ['*.example.com'], 'policy.denied'],
    ['another port', 'http://127.0.0.1:1/', ['127.0.0.1:2'], 'policy.denied'],
    ['an address of a private network that only * allows', 'http://127.0.0.1:1/', ['*'], 'policy.denied'],
    ['the same in another notation', 'http://2130706433/', ['*'], 'policy.denied'],
    ['the same within IPv6', 'http://[::ffff:127.0.0.1]/', ['*'], 'policy.denied'],
    ['the address of cloud secrets', 'http://169.254.169.254/', ['*'], 'policy.denied'],
    ['another protocol', 'file:///etc/passwd', ['*'], 'action.input'],
    ['a password in the address', 'https://a:b@example.com/', ['*'], 'action.input'],
    ['what is no address', 'example.com', ['*'], 'action.input'],
  ])('are refused: %s', async (_, url, network, code) => {
    expect((await run({ url }, { permissions: { network } })).error?.code).toBe(code);
    expect(hits).toBe(0);
  });

  it('whose public name leads into a private network are refused, and the address that was checked is the one that is used', async () => {
    let asked = 0;
    const resolve = () =>
      Promise.resolve([{ address: asked++ === 0 ? '93.184.216.34' : '127.0.0.1', family: 4 }]);
    const ask = (mayBePrivate: boolean) =>
      new Promise((done) => {
        guardedLookup(resolve, { hostname: 'evil.example', mayBePrivate })(
          'evil.example',
          { all: true },
          (error, found) => {
            done(error ?? found);
          },
        );
      });
    expect(await ask(false)).toEqual([{ address: '93.184.216.34', family: 4 }]);
    expect(await ask(false)).toMatchObject({ code: 'policy.denied' });
    expect(await ask(true)).toEqual([{ address: '127.0.0.1', family: 4 }]);
  });

  it('refuses headers that would change the request, without showing them', async () => {
    for (const headers of [
      { host: 'x' },
      { 'transfer-encoding': 'chunked' },
      { 'a b': 'x' },
      { ok: 'sesame\r\nx: y' },
    ]) {
      const { error } = await run({ url: origin, headers });
      expect(error?.code).toBe('action.input');
      expect(error?.message).not.toContain('sesame');
    }
    expect(hits).toBe(0);
  });
});
