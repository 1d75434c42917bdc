import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from './reads/raw.js';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry({
    operations: {
      version: '0.0.0',
      isStopping: () => false,
      hasPrivateDatabase: false,
      scrape: () => Promise.resolve('up 1\n'),
      metricsToken: undefined,
    },
  });
});
afterAll(() => registry.close());

/** All that is answered to these bytes, up to the end of the connection. */
function answerTo(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(registry.url);
    const socket = connect({ host: hostname, port: Number(port) });
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(answer);
    });
    socket.write(bytes);
  });
}

/** The status line of what is answered to a request line as it is given. */
async function statusOf(requestLine: string): Promise<string> {
  const answer = await answerTo(
    `${requestLine} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${registry.ownerToken}\r\nConnection: close\r\n\r\n`,
  );
  return answer.split('\r\n', 1)[0] ?? '';
}

test.each([
  ['GET http://[::1', 'HTTP/1.1 400 Bad Request'],
  ['GET /log/%00/checkpoint', 'HTTP/1.1 404 Not Found'],
  ['GET /log/a%00b/tile/0/000', 'HTTP/1.1 404 Not Found'],
  ['DELETE /v1/trusted-publishers/%00', 'HTTP/1.1 204 No Content'],
  ['GET http://example.com/healthz', 'HTTP/1.1 200 OK'],
  ['OPTIONS *', 'HTTP/1.1 404 Not Found'],
])('%s is answered, and not by a 500', async (requestLine, status) => {
  expect(await statusOf(requestLine)).toBe(status);
});

const POST = `POST /v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
test.each([
  ['a method of no standard', 'FOO / HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'request.invalid'],
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', 400, 'request.invalid'],
  ['a header without a colon', 'GET / HTTP/1.1\r\nHost\r\n\r\n', 400, 'request.invalid'],
  ['no Host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'request.invalid'],
  ['a long URL', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, 'request.headers_too_large'],
  [
    'long headers',
    `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'a'.repeat(20_000)}\r\n\r\n`,
    431,
    'request.headers_too_large',
  ],
  ['two lengths', `${POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x`, 400, 'request.invalid'],
  [
    'a length and chunks',
    `${POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`,
    400,
    'request.invalid',
  ],
])('%s is answered with problem details, and the connection ends', async (_what, bytes, status, code) => {
  const answer = await answerTo(bytes);
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(head).toMatch(/\r\nContent-Type: application\/problem\+json/i);
  expect(head).toMatch(new RegExp(`\\r\\nContent-Length: ${body.length}(?:\\r|$)`, 'i'));
  const problem = JSON.parse(body) as { readonly requestId: string };
  expect(problem).toMatchObject({ code, status });
  expect(head.toLowerCase()).toContain(`\r\nx-request-id: ${problem.requestId}`);
});

test('an expectation that nobody knows is passed over', async () => {
  const answer = await answerTo(
    'GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nConnection: close\r\n\r\n',
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});

test('nothing is written into an answer that has begun', async () => {
  const events = 'GET /v1/events?wait=1 HTTP/1.1\r\nHost: x\r\n\r\n';
  const health = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
  const after = await answerTo(`${health}FOO / HTTP/1.1\r\n\r\n`);
  expect(after.match(/HTTP\/1\.1 \d+/g)?.at(-1)).toMatch(/ (?:200|400)$/);
  const before = await answerTo(`${events}FOO / HTTP/1.1\r\n\r\n`);
  expect(before.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400']);
});

test('a body that turns out too long is answered, and not just cut off', async () => {
  const { hostname, port } = new URL(registry.url);
  const socket = connect({ host: hostname, port: Number(port) });
  const answered = once(socket, 'data') as Promise<[Buffer]>;
  socket.write(
    `POST /v1/namespaces HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${registry.ownerToken}\r\n` +
      `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n11000\r\n${'a'.repeat(0x11000)}\r\n`,
  );
  const [answer] = await answered;
  expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 413 [\s\S]*request\.too_large/);
  socket.destroy();
});

test('metrics are for whoever asks this machine by its own name, and for no page of elsewhere', async () => {
  const own = await ask(registry, '/metrics');
  expect([own.status, own.headers['access-control-allow-origin']]).toEqual([200, undefined]);
  const named = await ask(registry, '/metrics', { Host: 'localhost:7811' });
  expect(named.status).toBe(200);
  const rebound = await ask(registry, '/metrics', { Host: 'evil.example:7811' });
  expect([rebound.status, rebound.headers['access-control-allow-origin']]).toEqual([403, undefined]);
});
