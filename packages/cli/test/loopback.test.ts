import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { openLoopback } from '../src/sign-in/loopback.js';

async function send(port: number, text: string) {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => (answer += data.toString())).on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  return { socket, answered: once(socket, 'close').then(() => answer) };
}

test('whatever is sent to the port of a sign-in neither ends it nor keeps it from ending', async () => {
  const loopback = await openLoopback('state');
  const port = Number(new URL(loopback.redirectUri).port);
  for (const target of ['//', 'http://', '/callback?state=%ff']) {
    const { answered } = await send(port, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(await answered).toMatch(/^HTTP\/1\.1 40[04] /);
  }
  const { socket } = await send(port, 'GET /half HTTP/1.1\r\nHost: ');
  const arrived = loopback.wait({ signal: new AbortController().signal, timeoutMs: 5000 });
  const page = await fetch(`${loopback.redirectUri}?state=state&code=c`);
  expect(await page.text()).toContain('You are signed in');
  expect((await arrived).searchParams.get('code')).toBe('c');
  // Otherwise it would wait for the other half of that request until the test is given up.
  await loopback.close();
  socket.destroy();
});
