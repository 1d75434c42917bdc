import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateSigningKey } from '@sheaf/bundle';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addMember } from '../support/members.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { buildUpload, call, callJson, keyEvent, openNamespace, PUBLISHER } from '../support/upload.js';

/** Whoever sends the headers of a request while they may, and its body when they may not any more. */
let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
});
afterAll(() => registry.close());

/** Begins a request now, and sends the rest of its body when told. */
function hold(token: string, path: string, type: string, body: Buffer): () => Promise<string> {
  const { hostname, port } = new URL(registry.url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (data) => (answer += data.toString()));
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: x',
    `Authorization: Bearer ${token}`,
    `Content-Type: ${type}`,
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  socket.write(body.subarray(0, 1));
  return () =>
    new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('close', () => {
        resolve(`${answer.split(' ')[1] ?? ''} ${/"code":"([^"]*)"/.exec(answer)?.[1] ?? ''}`);
      });
      socket.write(body.subarray(1));
    });
}

const holdJson = (token: string, path: string, body: unknown) =>
  hold(token, path, 'application/json', Buffer.from(JSON.stringify(body)));

async function holdPublish(token: string, version: string) {
  const { envelope, blob } = await buildUpload(registry, { version });
  const form = new FormData();
  form.append('envelope', new Blob([Buffer.from(envelope)]), 'envelope.json');
  form.append('bundle', new Blob([Buffer.from(blob)]), 'bundle.tar.gz');
  const whole = new Response(form);
  const body = Buffer.from(await whole.arrayBuffer());
  return hold(token, '/v1/workflows', whole.headers.get('content-type') ?? '', body);
}

const remove = async (user: string) => {
  const path = `/v1/namespaces/acme/members/${user}`;
  expect((await call(registry, path, { method: 'DELETE', token: registry.ownerToken })).status).toBe(204);
};

test('an owner who is removed while their requests are held open gets nothing done by them', async () => {
  const mallory = await registry.addUser('mallory');
  await addMember(registry, { user: 'mallory', namespace: 'acme', role: 'owner' });
  await registry.addUser('alt');
  const held = [
    holdJson(mallory, '/v1/namespaces/acme/invitations', { user: 'alt', role: 'owner' }),
    hold(
      mallory,
      '/v1/keys',
      'application/json',
      Buffer.from(keyEvent(registry, 'acme', [generateSigningKey(), PUBLISHER])),
    ),
    await holdPublish(mallory, '6.6.6'),
  ];
  await sleep(400);
  await remove('mallory');
  expect(await Promise.all(held.map((finish) => finish()))).toEqual(held.map(() => '403 auth.role_missing'));
  const path = '/v1/namespaces/acme/members';
  expect((await call(registry, path, { token: registry.ownerToken })).json['invitations']).toEqual([]);
  expect((await call(registry, '/v1/workflows/acme/deploy/6.6.6')).status).toBe(404);
});

test('a token that is revoked while its request is held open makes no other token', async () => {
  await registry.addUser('ana');
  const made = await callJson(registry, 'POST', '/v1/tokens', { name: 'leaked', scopes: ['*'] });
  const leaked = String(made.json['token']);
  const finish = holdJson(leaked, '/v1/tokens', { name: 'another', scopes: ['*'] });
  await sleep(400);
  const path = `/v1/tokens/${String(made.json['id'])}`;
  expect((await call(registry, path, { method: 'DELETE', token: registry.ownerToken })).status).toBe(204);
  expect(await finish()).toBe('401 auth.token_invalid');
});

test('a body that only took its time does what it says', async () => {
  const finish = await holdPublish(registry.ownerToken, '1.2.3');
  await sleep(400);
  expect(await finish()).toMatch(/^201 /);
});
