import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startComposedRegistry, type ComposedRegistry } from '../support/composed-registry.js';

let registry: ComposedRegistry;
beforeAll(async () => {
  registry = await startComposedRegistry();
});
afterAll(() => registry.close());

test.each([
  ['an unknown method', 'FOO / HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'request.invalid'],
  ['a request without Host', 'GET / HTTP/1.1\r\n\r\n', 400, 'request.invalid'],
  ['a long URL', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, 'request.headers_too_large'],
])(
  '%s is answered by the service with problem details, and a line of its log',
  async (_what, bytes, status, code) => {
    const { hostname, port } = new URL(registry.url);
    const socket = connect({ host: hostname, port: Number(port) });
    const answered = once(socket, 'data') as Promise<[Buffer]>;
    socket.write(bytes);
    const answer = (await answered)[0].toString('latin1');
    socket.destroy();
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*"code":"${code}"`));
    const id = /"requestId":"([^"]+)"/.exec(answer)?.[1];
    await expect
      .poll(() => registry.lines.find((line) => line['request.id'] === id))
      .toMatchObject({ 'http.status': status, 'error.code': code });
  },
);
