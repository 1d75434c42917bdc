import { generateSigningKey } from '@sheaf/bundle';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import {
  buildUpload,
  call,
  callJson,
  countStored,
  keyEvent,
  openNamespace,
  PUBLISHER,
  send,
  sendKey,
} from './support/upload.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
});
afterAll(() => registry.close());

const create = (name: string, token?: string) =>
  callJson(registry, 'POST', '/v1/namespaces', { name }, token);

test('a namespace belongs to whoever creates it; again is a success for the owner and taken for others', async () => {
  const ana = await registry.addUser('ana');
  const ben = await registry.addUser('ben');
  expect((await create('anas', ana)).status).toBe(201);
  expect((await create('anas', ana)).status).toBe(200);
  const taken = await create('anas', ben);
  expect([taken.status, taken.json['code']]).toEqual([409, 'namespace.exists']);
});

test.each([['UPPER'], ['-x'], ['a/b'], ['x'.repeat(65)], ['']])(
  'the namespace %j is refused and nothing stored',
  async (name) => {
    const before = await countStored(registry);
    const answer = await create(name);
    expect([400, 422]).toContain(answer.status);
    expect(await countStored(registry)).toEqual(before);
  },
);

test('the first key proves possession; another one needs the endorsement of a registered key', async () => {
  await openNamespace(registry, 'second');
  const second = generateSigningKey();
  const alone = await sendKey(registry, keyEvent(registry, 'second', [second]));
  expect([alone.status, alone.json['code']]).toEqual([403, 'key.endorsement_required']);
  const stranger = await sendKey(registry, keyEvent(registry, 'second', [second, generateSigningKey()]));
  expect([stranger.status, stranger.json['code']]).toEqual([403, 'key.endorsement_required']);
  const endorsed = await sendKey(registry, keyEvent(registry, 'second', [second, PUBLISHER]));
  expect(endorsed.status).toBe(201);
  expect((await sendKey(registry, keyEvent(registry, 'second', [second, PUBLISHER]))).status).toBe(200);
  const { json } = await call(registry, '/v1/namespaces/second');
  expect((json['keys'] as { id: string }[]).map((k) => k.id)).toEqual([
    PUBLISHER.publicKey.id,
    second.publicKey.id,
  ]);
  const upload = await buildUpload(registry, { namespace: 'second' }, second);
  expect((await send(registry, upload)).status).toBe(201);
});

test('an event for another registry, or not signed by its own key, is refused', async () => {
  await create('strict');
  const foreign = await sendKey(registry, keyEvent({ origin: 'other.example.com' }, 'strict', [PUBLISHER]));
  expect([foreign.status, foreign.json['code']]).toEqual([422, 'key.event_invalid']);
  const event = JSON.parse(keyEvent(registry, 'strict', [PUBLISHER]).toString()) as { signatures: unknown[] };
  const other = JSON.parse(keyEvent(registry, 'strict', [generateSigningKey()]).toString()) as {
    signatures: unknown[];
  };
  const swapped = await sendKey(
    registry,
    Buffer.from(JSON.stringify({ ...event, signatures: other.signatures })),
  );
  expect([swapped.status, swapped.json['code']]).toEqual([422, 'key.event_invalid']);
});

test('of two first keys sent at once only one becomes the first', async () => {
  await create('eager');
  const answers = await Promise.all(
    [generateSigningKey(), generateSigningKey()].map((key) =>
      sendKey(registry, keyEvent(registry, 'eager', [key])),
    ),
  );
  expect(answers.map((a) => a.status).sort()).toEqual([201, 403]);
});

test('who is no maintainer registers no key', async () => {
  await create('guarded');
  const token = await registry.addUser('carl');
  const answer = await sendKey(registry, keyEvent(registry, 'guarded', [PUBLISHER]), token);
  expect([answer.status, answer.json['code']]).toEqual([403, 'auth.role_missing']);
});
