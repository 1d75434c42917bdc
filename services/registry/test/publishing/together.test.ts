import { parseReceipt } from '@sheaf/bundle';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import {
  buildUpload,
  call,
  countStored,
  definitionOf,
  openNamespace,
  publish,
  sendTogether,
  type BuiltUpload,
} from '../support/upload.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
});
afterAll(() => registry.close());

const sendAll = (uploads: readonly BuiltUpload[], query = '') => sendTogether(registry, uploads, query);
const build = (name: string, version = '1.0.0') => buildUpload(registry, { name, version });

test('several are answered with their receipts in order, and stand beside each other in the log', async () => {
  const answer = await sendAll(await Promise.all(['one', 'two', 'three'].map((name) => build(name))));
  expect(answer.status).toBe(201);
  const receipts = (answer.json['receipts'] as unknown[]).map((r) =>
    parseReceipt(Buffer.from(JSON.stringify(r))),
  );
  expect(receipts.map((r) => r.publish.index - (receipts[0]?.publish.index ?? 0))).toEqual([0, 1, 2]);
  expect(new Set(receipts.map((r) => r.checkpoint)).size).toBe(1);
  for (const name of ['one', 'two', 'three'])
    expect((await call(registry, `/v1/workflows/acme/${name}`)).status).toBe(200);
});

test('sent again they get the same receipts, and what is new among them is added', async () => {
  const uploads = await Promise.all(['again-a', 'again-b'].map((name) => build(name)));
  const first = await sendAll(uploads);
  const second = await sendAll(uploads);
  expect(second.status).toBe(200);
  expect(second.json).toEqual(first.json);
  const more = await sendAll([...uploads, await build('again-c')]);
  expect(more.status).toBe(201);
  expect((more.json['receipts'] as unknown[]).slice(0, 2)).toEqual(first.json['receipts']);
});

test('when one is refused none is published, and the reasons of all are told', async () => {
  await publish(registry, { name: 'taken', version: '1.0.0' });
  const before = await countStored(registry);
  const broken = await buildUpload(registry, { name: 'broken', definition: definitionOf({ name: 'other' }) });
  const taken = await buildUpload(registry, { name: 'taken', description: 'Something else' });
  const answer = await sendAll([await build('fine'), taken, broken]);
  expect(answer.status).toBe(409);
  expect(answer.json).toMatchObject({
    code: 'version.exists',
    detail: expect.stringMatching(/^0 of 3 published: acme\/taken 1\.0\.0: /) as string,
    errors: [
      { code: 'version.exists', detail: expect.stringContaining('acme/taken 1.0.0') as string },
      { detail: expect.stringContaining('acme/broken 1.0.0') as string },
    ],
  });
  expect(await countStored(registry)).toEqual(before);
});

test('the same version twice, and more than sixteen, are refused', async () => {
  const one = await build('twice');
  expect((await sendAll([one, one])).json).toMatchObject({ code: 'request.invalid' });
  const many = await Promise.all(Array.from({ length: 17 }, (_, i) => build(`many-${i}`)));
  expect((await sendAll(many)).json).toMatchObject({ code: 'request.invalid' });
  expect((await sendAll(many.slice(0, 16))).status).toBe(201);
});

test('groups that overlap and are sent at once are published whole or refused whole', async () => {
  const names = Array.from({ length: 6 }, (_, i) => `race-${i}`);
  const groups = await Promise.all(
    names.map(async (name, i) => [await build(name), await build(names[(i + 1) % names.length] ?? name)]),
  );
  const answers = await Promise.all(groups.map((group) => sendAll(group)));
  const again = await Promise.all(groups.map((group) => sendAll(group)));
  expect(answers.every(({ status }) => [200, 201, 503].includes(status))).toBe(true);
  expect(again.filter(({ status }) => status >= 500)).toEqual([]);
  for (const name of names)
    expect((await call(registry, `/v1/workflows/acme/${name}/1.0.0`)).status).toBe(200);
});

test('unknown parameters of the query are refused', async () => {
  expect((await sendAll([await build('query')], '?forced=true')).status).toBe(400);
});
