import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminVerb } from '../../src/verbs/admin.js';
import { runVerb, startComposedRegistry, type ComposedRegistry } from '../support/composed-registry.js';
import { call, callJson, openNamespace, publish } from '../support/upload.js';

let registry: ComposedRegistry;
beforeAll(async () => {
  registry = await startComposedRegistry();
  await openNamespace(registry);
  await publish(registry);
});
afterAll(() => registry.close());

const admin = (...args: string[]) =>
  runVerb(adminVerb, [...args, '--data-dir', registry.dataDir], {
    ...registry.env,
    SHEAF_LOG_LEVEL: 'silent',
  });
const audited = async (action: string) =>
  registry.db.selectFrom('audit').selectAll().where('action', '=', action).orderBy('id', 'desc').execute();

test('a new administrator gets a token that works, shown once', async () => {
  const { code, out } = await admin('create', 'ana');
  expect(code).toBe(0);
  const whoami = await call(registry, '/v1/whoami', { token: out.trim() });
  expect(whoami.json).toMatchObject({ user: 'ana', admin: true });
  expect((await admin('list')).out).toMatch(/^ana since .*\nowner since .*\n$/);
  expect(await audited('admin.grant')).toMatchObject([
    { user_id: null, token_id: 'system', detail: { user: 'ana' } },
  ]);
  const stored = JSON.stringify(await registry.db.selectFrom('audit').selectAll().execute());
  expect(stored).not.toContain(out.trim().slice(-20));
});

test('a name that is taken or no name makes nobody', async () => {
  await expect(admin('create', 'owner')).rejects.toMatchObject({
    code: 'state.conflict',
    hint: expect.stringContaining('admin token owner') as string,
  });
  await expect(admin('create', 'Not A Name')).rejects.toMatchObject({ code: 'request.invalid' });
  await expect(admin('create')).rejects.toMatchObject({ code: 'usage.invalid' });
  await expect(admin('crown', 'ana')).rejects.toMatchObject({ code: 'usage.invalid' });
});

test('rights are taken and given, and the next request sees it', async () => {
  const token = (await admin('create', 'bo')).out.trim();
  const isAdmin = async () => (await call(registry, '/v1/whoami', { token })).json['admin'];
  await admin('revoke', 'bo');
  expect(await isAdmin()).toBe(false);
  expect((await admin('revoke', 'bo')).out).toContain('already');
  await admin('grant', 'bo');
  expect(await isAdmin()).toBe(true);
  await expect(admin('grant', 'nobody-here')).rejects.toMatchObject({ code: 'user.not_found' });
});

test('somebody who is suspended is refused until they are let in again', async () => {
  const token = (await admin('create', 'cy')).out.trim();
  await admin('suspend', 'cy');
  expect((await call(registry, '/v1/whoami', { token })).json['code']).toBe('auth.suspended');
  await admin('unsuspend', 'cy');
  expect((await call(registry, '/v1/whoami', { token })).status).toBe(200);
  expect(await audited('user.suspend')).toHaveLength(1);
});

test('webhooks stop that somebody directed as an administrator, and all of them once they are suspended', async () => {
  const token = (await admin('create', 'dot')).out.trim();
  await callJson(registry, 'POST', '/v1/namespaces', { name: 'dots' }, token);
  const url = 'https://example.com/';
  const make = async (by: string, request: object) =>
    `/v1/webhooks/${String((await callJson(registry, 'POST', '/v1/webhooks', { url, ...request }, by)).json['id'])}`;
  const owner = registry.ownerToken;
  const own = await make(token, { namespace: 'dots' });
  const others = [await make(token, {}), await make(owner, { namespace: 'acme' }), await make(owner, {})];
  const [, sent = '', kept = ''] = others;
  await callJson(registry, 'PATCH', sent, { url: 'https://example.net/' }, token);
  await callJson(registry, 'PATCH', kept, { topics: ['key.added'] }, token);
  const running = async () => {
    const answers = await Promise.all([own, ...others].map((path) => call(registry, path, { token: owner })));
    return answers.map(({ json }) => json['note'] ?? json['enabled']);
  };
  expect(await running()).toEqual([true, true, true, true]);
  await admin('revoke', 'dot');
  const note = 'dot is no administrator any more';
  expect(await running()).toEqual([true, note, note, true]);
  await admin('suspend', 'dot');
  expect(await running()).toEqual(['dot is suspended', note, note, true]);
  expect(await audited('webhook.disable')).toMatchObject([
    { user_id: null, token_id: 'system', namespace: 'dots', detail: { reason: 'dot is suspended' } },
    { token_id: 'system' },
    { token_id: 'system' },
  ]);
});

test('a version is withheld beside the running service, as an event of the log', async () => {
  const path = '/v1/workflows/acme/deploy/1.0.0/download';
  const { out } = await admin('quarantine', 'acme/deploy@1.0.0', '--reason', 'it deletes homes');
  expect(out).toBe('acme/deploy@1.0.0 is withheld\n');
  await expect.poll(async () => (await call(registry, path)).json['code']).toBe('state.quarantined');
  const [row] = await audited('release.quarantine');
  expect(row).toMatchObject({ user_id: null, token_id: 'system', namespace: 'acme' });
  expect(row?.log_index).not.toBeNull();
  await admin('unquarantine', 'acme/deploy@1.0.0');
  await expect.poll(async () => (await call(registry, path)).status).toBe(200);
  await expect(admin('quarantine', 'acme/deploy')).rejects.toMatchObject({ code: 'usage.invalid' });
  await expect(admin('quarantine', 'acme/deploy@1.0.0')).rejects.toMatchObject({ code: 'usage.invalid' });
});

test('limits are set for some days, listed and removed', async () => {
  await admin('limits', 'set', 'acme', '--bytes', '1000', '--days', '2', '--reason', 'too much');
  const report = JSON.parse((await admin('limits', 'show', 'acme')).out) as object;
  expect(report).toMatchObject({
    subject: 'acme',
    limits: { bytes: 1000 },
    override: { reason: 'too much' },
  });
  expect(report).toHaveProperty('used.versions');
  const [line = ''] = (await admin('limits', 'list')).out.split('\n');
  expect(JSON.parse(line)).toMatchObject({ subject: 'acme', bytes: 1000, reason: 'too much' });
  expect((await admin('limits', 'remove', 'acme')).out).toBe('acme has the default limits\n');
  expect((await admin('limits', 'list')).out).toBe('');
  expect(await audited('limits.set')).toHaveLength(1);
  expect((await admin('limits', 'set', 'user:owner', '--namespaces', '500')).out).toBe(
    'the limits of user:owner are set\n',
  );
  expect(JSON.parse((await admin('limits', 'show', 'user:owner')).out)).toMatchObject({
    subject: 'user:owner',
    limits: { namespaces: 500 },
    used: { namespaces: expect.any(Number) as number },
  });
  expect(JSON.parse((await admin('limits', 'list')).out)).toMatchObject({
    subject: 'user:owner',
    namespaces: 500,
  });
  expect(await audited('limits.set')).toMatchObject([{ detail: { user: 'owner', namespaces: '500' } }, {}]);
  await admin('limits', 'remove', 'user:owner');
});

test('what is set for a limit changes that alone, and default takes one back', async () => {
  await admin('limits', 'set', 'acme', '--versions', '18', '--days', '2', '--reason', 'a try');
  await admin('limits', 'set', 'acme', '--requests', '3');
  const override = async () =>
    (JSON.parse((await admin('limits', 'show', 'acme')).out) as { override?: object }).override;
  const expiresAt = expect.any(String) as string;
  expect(await override()).toEqual({ versions: 18, requestsPerMinute: 3, reason: 'a try', expiresAt });
  await admin('limits', 'set', 'acme', '--versions', 'default', '--days', 'none');
  expect(await override()).toEqual({ requestsPerMinute: 3, reason: 'a try' });
  await expect(admin('limits', 'set', 'acme')).rejects.toMatchObject({ code: 'usage.invalid' });
  await expect(admin('limits', 'set', 'acme', '--bytes', 'none')).rejects.toMatchObject({
    code: 'usage.invalid',
    hint: 'use a whole number, or default',
  });
  expect(await override()).toEqual({ requestsPerMinute: 3, reason: 'a try' });
  expect((await admin('limits', 'set', 'acme', '--requests', 'default')).out).toBe(
    'acme has the default limits\n',
  );
  expect(await override()).toBeUndefined();
});

test('a reason or days alone are refused where no limit is set', async () => {
  const before = await audited('limits.set');
  for (const flags of [
    ['--days', '30'],
    ['--reason', 'abuse'],
    ['--days', 'none'],
  ])
    await expect(admin('limits', 'set', 'acme', ...flags)).rejects.toMatchObject({
      code: 'request.invalid',
      message: 'no limit is named, and none is set that could change',
    });
  await admin('limits', 'set', 'acme', '--versions', '18');
  await admin('limits', 'set', 'acme', '--reason', 'abuse');
  expect(JSON.parse((await admin('limits', 'show', 'acme')).out)).toMatchObject({
    override: { versions: 18, reason: 'abuse' },
  });
  expect(await audited('limits.set')).toHaveLength(before.length + 2);
  await admin('limits', 'remove', 'acme');
});

test('somebody who is no administrator gets a token that ends, and another one before it does', async () => {
  const made = await admin('create', 'eve', '--no-admin');
  expect(made.err).toMatch(/^eve is somebody here; the token is shown once, and expires at \d{4}-/);
  const whoami = async (token: string) => (await call(registry, '/v1/whoami', { token: token.trim() })).json;
  const json = await whoami(made.out);
  expect(json).toMatchObject({ user: 'eve', admin: false });
  const { expiresAt } = json['token'] as { expiresAt: string };
  expect(Math.round((Date.parse(expiresAt) - Date.now()) / 86_400_000)).toBe(90);
  expect(await audited('admin.grant')).not.toContainEqual(
    expect.objectContaining({ detail: { user: 'eve' } }) as object,
  );
  const named = await call(registry, '/v1/namespaces', {
    method: 'POST',
    token: made.out.trim(),
    body: JSON.stringify({ name: 'eves' }),
    headers: { 'Content-Type': 'application/json' },
  });
  expect(named.status).toBe(201);

  expect(await whoami((await admin('token', 'eve', '--days', '7')).out)).toMatchObject({ user: 'eve' });
  await expect(admin('token', 'eve', '--days', '366')).rejects.toMatchObject({
    code: 'token.lifetime_refused',
  });
  await expect(admin('token', 'nobody-here')).rejects.toMatchObject({ code: 'user.not_found' });
  // Administrators may have tokens without an end here, so they may have longer ones too.
  expect((await admin('token', 'owner')).err).toContain('never expires');
  expect((await admin('token', 'owner', '--days', '366')).err).toContain('expires at');
});

test('the last administrator is taken by force alone', async () => {
  const others = (await admin('list')).out.split('\n').flatMap((line) => {
    const [name = ''] = line.split(' ');
    return name === '' || name === 'owner' || line.includes('suspended') ? [] : [name];
  });
  for (const name of others) await admin('revoke', name);
  const refused = { code: 'state.conflict', hint: expect.stringContaining('--force') as string };
  await expect(admin('revoke', 'owner')).rejects.toMatchObject(refused);
  await expect(admin('suspend', 'owner')).rejects.toMatchObject(refused);
  const whoami = await call(registry, '/v1/whoami', { token: registry.ownerToken });
  expect(whoami.json).toMatchObject({ admin: true });
  await admin('create', 'fay');
  // Both at once: one of them stays.
  const both = await Promise.allSettled([admin('revoke', 'owner'), admin('revoke', 'fay')]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await admin('grant', 'owner');
  await admin('revoke', 'fay');
  await admin('revoke', 'owner', '--force');
  expect((await admin('list')).out).not.toContain('owner');
  await admin('grant', 'owner');
  await expect(admin('grant', 'owner', '--force')).rejects.toMatchObject({ code: 'usage.invalid' });
});
