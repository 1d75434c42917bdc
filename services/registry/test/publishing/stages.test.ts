import { generateSigningKey, parseEnvelope, signEnvelope, type SigningKey } from '@sheaf/bundle';
import type { Stage } from '@sheaf/client/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import {
  buildUpload,
  call,
  callJson,
  countStored,
  keyEvent,
  openNamespace,
  PUBLISHER,
  sendKey,
  type Answer,
} from '../support/upload.js';

const second = generateSigningKey();
let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
  await sendKey(registry, keyEvent(registry, 'acme', [second, PUBLISHER]));
});
afterAll(() => registry.close());

async function stage(names: readonly string[], token = registry.ownerToken): Promise<Answer> {
  const form = new FormData();
  for (const name of names) {
    const { envelope, blob } = await buildUpload(registry, { name });
    form.append('envelope', new Blob([Buffer.from(envelope)]), 'envelope.json');
    form.append('bundle', new Blob([Buffer.from(blob)]), 'bundle.tar.gz');
  }
  return call(registry, '/v1/workflows?stage=true', { method: 'POST', body: form, token });
}

function signatures(staged: Stage, key: SigningKey) {
  return staged.versions.map(({ envelope }) => {
    const { payload, payloadType } = parseEnvelope(Buffer.from(JSON.stringify(envelope)));
    const [signature] = signEnvelope(payloadType, Buffer.from(payload, 'base64'), [key]).signatures;
    return { keyid: key.publicKey.id, sig: signature?.sig ?? '' };
  });
}

const approve = (staged: Stage, key: SigningKey, token = registry.ownerToken) =>
  callJson(
    registry,
    'POST',
    `/v1/stages/${staged.id}/signatures`,
    { signatures: signatures(staged, key) },
    token,
  );

test('a staged version is invisible until somebody approves it with another key', async () => {
  const answer = await stage(['waits', 'waits-too']);
  expect(answer.status).toBe(202);
  const staged = answer.json as unknown as Stage;
  expect(answer.headers.get('location')).toBe(`/v1/stages/${staged.id}`);
  expect(staged.versions).toMatchObject([
    { id: 'acme/waits', signers: [PUBLISHER.publicKey.id], threshold: 2 },
    { id: 'acme/waits-too' },
  ]);
  expect((await call(registry, '/v1/workflows/acme/waits')).status).toBe(404);
  const digest = staged.versions[0]?.digest.slice('sha256:'.length) ?? '';
  expect((await call(registry, `/v1/blobs/sha256/${digest}`)).status).toBe(404);
  const bundle = await call(registry, `/v1/stages/${staged.id}/bundles/1`, { token: registry.ownerToken });
  expect(bundle.bytes.length).toBe(staged.versions[1]?.blobSizeBytes);

  expect((await approve(staged, PUBLISHER)).json).toMatchObject({ code: 'stage.signed_already' });
  expect((await approve(staged, generateSigningKey())).json).toMatchObject({ code: 'key.unauthorised' });
  const approved = await approve(staged, second);
  expect(approved.status).toBe(201);
  expect(approved.json['receipts']).toHaveLength(2);
  for (const name of ['waits', 'waits-too'])
    expect((await call(registry, `/v1/workflows/acme/${name}/1.0.0`)).status).toBe(200);
  expect((await approve(staged, second)).json).toMatchObject({ code: 'stage.not_found' });
  const actions = await registry.db
    .selectFrom('audit')
    .select('action')
    .where('workflow', '=', 'waits')
    .orderBy('id')
    .execute();
  expect(actions.map(({ action }) => action)).toEqual([
    'stage.create',
    'stage.sign',
    'workflow.publish',
    'stage.approve',
  ]);
});

test('strangers and readers find no stage; publishers see it, and only maintainers approve it', async () => {
  const staged = (await stage(['hidden'])).json as unknown as Stage;
  const stranger = await registry.addUser('stranger');
  const publisher = await registry.addUser('publisher');
  const ids = await registry.db
    .selectFrom('users')
    .select('id')
    .where('name', '=', 'publisher')
    .executeTakeFirstOrThrow();
  const { id } = await registry.db
    .selectFrom('namespaces')
    .select('id')
    .where('name', '=', 'acme')
    .executeTakeFirstOrThrow();
  await registry.db
    .insertInto('members')
    .values({ namespace_id: id, user_id: ids.id, role: 'publisher' })
    .execute();
  const show = (token?: string) =>
    call(registry, `/v1/stages/${staged.id}`, token === undefined ? {} : { token });
  expect((await show()).status).toBe(401);
  expect((await show(stranger)).json).toMatchObject({ code: 'stage.not_found' });
  expect((await show(publisher)).json).toMatchObject({ id: staged.id });
  expect((await call(registry, '/v1/stages', { token: publisher })).json).toMatchObject({
    stages: [{ id: staged.id }],
  });
  expect((await approve(staged, second, publisher)).json).toMatchObject({ code: 'auth.role_missing' });
  expect(
    (await call(registry, `/v1/stages/${staged.id}`, { method: 'DELETE', token: publisher })).json,
  ).toMatchObject({ code: 'auth.role_missing' });
  expect(
    (await call(registry, `/v1/stages/${staged.id}`, { method: 'DELETE', token: registry.ownerToken }))
      .status,
  ).toBe(204);
  expect((await show(publisher)).status).toBe(404);
});

test('one that has expired, or an id that is none, is not found', async () => {
  const staged = (await stage(['late'])).json as unknown as Stage;
  await registry.db
    .updateTable('stages')
    .set({ expires_at: new Date(0) })
    .where('id', '=', staged.id)
    .execute();
  expect((await approve(staged, second)).json).toMatchObject({ code: 'stage.not_found' });
  expect((await call(registry, '/v1/stages/%00', { token: registry.ownerToken })).status).toBe(404);
});

test('what was published meanwhile with other content is refused, and the stage stays', async () => {
  const staged = (await stage(['raced'])).json as unknown as Stage;
  const other = await buildUpload(registry, { name: 'raced', description: 'Something else' });
  const form = new FormData();
  form.append('envelope', new Blob([Buffer.from(other.envelope)]), 'envelope.json');
  form.append('bundle', new Blob([Buffer.from(other.blob)]), 'bundle.tar.gz');
  await call(registry, '/v1/workflows', { method: 'POST', body: form, token: registry.ownerToken });
  const before = await countStored(registry);
  expect((await approve(staged, second)).json).toMatchObject({ code: 'version.exists' });
  expect((await approve(staged, second)).json).toMatchObject({ code: 'version.exists' });
  expect({ ...(await countStored(registry)), audit: 0 }).toEqual({ ...before, audit: 0 });
  expect((await stage(['raced'])).json).toMatchObject({ code: 'version.exists' });
});

test('a number of signatures that does not fit is refused', async () => {
  const staged = (await stage(['two-a', 'two-b'])).json as unknown as Stage;
  const [one] = signatures(staged, second);
  const answer = await callJson(registry, 'POST', `/v1/stages/${staged.id}/signatures`, {
    signatures: [one],
  });
  expect(answer.json).toMatchObject({ code: 'request.invalid' });
});
