import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import { call, callJson, openNamespace, publish } from './support/upload.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
  await publish(registry);
});
afterAll(() => registry.close());

const DOWNLOAD = '/v1/workflows/acme/deploy/1.0.0/download';

describe('a download', () => {
  test('answers HEAD with the headers of GET and no body', async () => {
    const get = await call(registry, DOWNLOAD);
    const head = await call(registry, DOWNLOAD, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.bytes).toHaveLength(0);
    for (const name of ['etag', 'content-length', 'content-type', 'cache-control']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    }
    // No cache in between hands on for long what may be put into quarantine.
    expect(get.headers.get('cache-control')).toBe('public, max-age=600, immutable');
    const receipt = await call(registry, '/v1/workflows/acme/deploy/1.0.0/receipt');
    expect(receipt.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  test('answers 304 to whoever has it', async () => {
    const { headers } = await call(registry, DOWNLOAD);
    const answer = await call(registry, DOWNLOAD, {
      headers: { 'If-None-Match': headers.get('etag') ?? '' },
    });
    expect([answer.status, answer.bytes.length]).toEqual([304, 0]);
  });

  test.each([
    ['bytes=0-3', 0, 4],
    ['bytes=5-', 5, undefined],
    ['bytes=-7', -7, undefined],
    ['bytes=2-999999', 2, undefined],
  ])('answers %s with that part', async (range, start, end) => {
    const whole = (await call(registry, DOWNLOAD)).bytes;
    const part = await call(registry, DOWNLOAD, { headers: { Range: range } });
    expect(part.status).toBe(206);
    expect(part.bytes.equals(whole.subarray(start, end))).toBe(true);
    const from = start < 0 ? whole.length + start : start;
    expect(part.headers.get('content-range')).toBe(
      `bytes ${from}-${from + part.bytes.length - 1}/${whole.length}`,
    );
  });

  test('answers 416 to a range behind its end', async () => {
    const answer = await call(registry, DOWNLOAD, { headers: { Range: 'bytes=999999-' } });
    expect([answer.status, answer.json['code']]).toEqual([416, 'range.not_satisfiable']);
    expect(answer.headers.get('content-range')).toMatch(/^bytes \*\/\d+$/);
  });

  test('ignores a range when the content is not what If-Range names, and forms of range that it does not know', async () => {
    const changed = await call(registry, DOWNLOAD, {
      headers: { Range: 'bytes=0-3', 'If-Range': '"other"' },
    });
    expect(changed.status).toBe(200);
    const several = await call(registry, DOWNLOAD, { headers: { Range: 'bytes=0-1,3-4' } });
    expect(several.status).toBe(200);
  });
});

test('metadata is revalidated by its ETag', async () => {
  const first = await call(registry, '/v1/workflows/acme/deploy');
  const second = await call(registry, '/v1/workflows/acme/deploy', {
    headers: { 'If-None-Match': first.headers.get('etag') ?? '' },
  });
  expect(second.status).toBe(304);
  await publish(registry, { version: '1.0.1' });
  const third = await call(registry, '/v1/workflows/acme/deploy', {
    headers: { 'If-None-Match': first.headers.get('etag') ?? '' },
  });
  expect(third.status).toBe(200);
});

test.each([
  ['/nope', 404, 'namespace.not_found'],
  ['/v1/nope', 404, 'route.not_found'],
  ['/v1/workflows/acme', 404, 'route.not_found'],
  ['/v1/workflows/acme/missing', 404, 'workflow.not_found'],
  ['/v1/workflows/ACME/deploy', 404, 'workflow.not_found'],
  ['/v1/workflows/acme%2Fdeploy/x', 404, 'workflow.not_found'],
  ['/v1/workflows/..%2f..%2fetc/passwd', 404, 'workflow.not_found'],
  ['/v1/workflows/acme/deploy/9.9.9', 404, 'version.not_found'],
  ['/v1/workflows/acme/deploy/1.0', 404, 'version.not_found'],
  ['/v1/workflows/acme/deploy/9.9.9/receipt', 404, 'version.not_found'],
  [`/v1/blobs/sha256/${'0'.repeat(64)}`, 404, 'blob.not_found'],
  ['/v1/blobs/sha256/..%2f..%2fadmin-token', 404, 'blob.not_found'],
  ['/log/public/tile/0/999', 404, 'tile.not_found'],
  ['/log/public/tile/0/000.p/200', 404, 'tile.not_found'],
  ['/log/public/tile/00/000', 404, 'tile.not_found'],
  ['/log/other/checkpoint', 404, 'tile.not_found'],
  ['/v1/namespaces/none', 404, 'namespace.not_found'],
  ['/v1/whoami', 401, 'auth.required'],
  ['/v1/tokens', 401, 'auth.required'],
  ['/v1/workflows?limit=0', 400, 'request.invalid'],
  ['/v1/workflows?limit=x', 400, 'request.invalid'],
  ['/v1/workflows?cursor=zzz', 400, 'request.invalid'],
  ['/v1/workflows?owner=A', 400, 'request.invalid'],
  ['/v1/workflows?permission=root', 400, 'request.invalid'],
  ['/v1/workflows?unknown=1', 400, 'request.invalid'],
  [`/v1/workflows?q=${'x'.repeat(201)}`, 400, 'request.invalid'],
  ['/v1/workflows?q=%00', 400, 'request.invalid'],
])('GET %s is answered %i %s as problem details', async (path, status, code) => {
  const answer = await call(registry, path);
  expect({ status: answer.status, code: answer.json['code'] }).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.json).toMatchObject({
    type: `/errors/${code}`,
    status,
    requestId: answer.headers.get('x-request-id'),
  });
});

test('a method that an endpoint does not have is answered 405 with those it has', async () => {
  const answer = await call(registry, '/v1/tags', { method: 'DELETE' });
  expect([answer.status, answer.json['code']]).toEqual([405, 'route.method_not_allowed']);
  expect(answer.headers.get('allow')).toContain('GET');
});

test.each([
  ['Basic abc', 'auth.token_invalid'],
  ['Bearer shf_short', 'auth.token_invalid'],
  [`Bearer shf_0123456789abcdef_${'x'.repeat(43)}`, 'auth.token_invalid'],
  [`Bearer ${'x'.repeat(5000)}`, 'auth.token_invalid'],
])('the authorization %s is refused everywhere', async (header, code) => {
  const answer = await call(registry, '/v1/tags', { headers: { Authorization: header } });
  expect([answer.status, answer.json['code']]).toEqual([401, code]);
  expect(answer.headers.get('www-authenticate')).toContain('Bearer');
});

test.each([
  ['not JSON', '{', 400, 'request.invalid'],
  ['another type', '[]', 400, 'request.invalid'],
  ['an unknown field', '{"name":"x1","more":1}', 400, 'request.invalid'],
  ['a body over 64 KiB', JSON.stringify({ name: 'x'.repeat(70_000) }), 413, 'request.too_large'],
])('a JSON body that is %s is refused', async (_what, body, status, code) => {
  const answer = await call(registry, '/v1/namespaces', {
    method: 'POST',
    token: registry.ownerToken,
    body,
    headers: { 'Content-Type': 'application/json' },
  });
  expect([answer.status, answer.json['code']]).toEqual([status, code]);
});

test('health and readiness answer, and readiness tells when the database is gone', async () => {
  expect((await call(registry, '/healthz')).json).toEqual({ status: 'ok' });
  expect((await call(registry, '/readyz')).json).toMatchObject({ status: 'ready' });
  const other = await startTestRegistry();
  await other.db.destroy();
  const answer = await call(other, '/readyz');
  expect([answer.status, answer.json['code']]).toEqual([503, 'service.database_down']);
  expect(answer.headers.get('retry-after')).toBe('1');
  await other.close();
});

test('the well-known document names origin, log key and limits', async () => {
  const { json } = await call(registry, '/.well-known/sheaf-registry');
  expect(json).toMatchObject({
    origin: registry.origin,
    logs: [
      {
        realm: 'public',
        origin: `${registry.origin}/log/public`,
        key: registry.deps.logs.get('public').verifierKey,
      },
    ],
    limits: { tarBytes: 32 * 1024 * 1024 },
  });
});

test('a token creates weaker tokens, which are listed without secrets and can be revoked', async () => {
  const created = await callJson(registry, 'POST', '/v1/tokens', {
    name: 'ci',
    scopes: ['publish:acme'],
    expiresInDays: 1,
  });
  expect(created.status).toBe(201);
  const weak = created.json['token'] as string;
  expect((await call(registry, '/v1/whoami', { token: weak })).json).toMatchObject({
    user: 'owner',
    token: { scopes: ['publish:acme'] },
  });
  expect((await callJson(registry, 'POST', '/v1/tokens', { name: 'more', scopes: ['*'] }, weak)).status).toBe(
    403,
  );
  expect((await callJson(registry, 'POST', '/v1/tokens', { name: 'x', scopes: ['everything'] })).status).toBe(
    400,
  );

  const list = await call(registry, '/v1/tokens', { token: registry.ownerToken });
  expect(list.bytes.toString()).not.toContain(weak.split('_').slice(2).join('_'));
  const revoked = await call(registry, `/v1/tokens/${String(created.json['id'])}`, {
    method: 'DELETE',
    token: registry.ownerToken,
  });
  expect(revoked.status).toBe(204);
  expect((await call(registry, '/v1/whoami', { token: weak })).status).toBe(401);
});

test('a token that has expired is refused', async () => {
  const created = await callJson(registry, 'POST', '/v1/tokens', { name: 'brief', expiresInDays: 1 });
  const token = created.json['token'] as string;
  await registry.db
    .updateTable('tokens')
    .set({ expires_at: new Date(Date.now() - 1) })
    .where('id', '=', created.json['id'] as string)
    .execute();
  expect((await call(registry, '/v1/whoami', { token })).status).toBe(401);
});

describe('a sign-in that fails', () => {
  const callback = '/auth/callback?code=c&state=s';

  test('is told as a page to a browser, which keeps the address to itself', async () => {
    const Accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const { status, headers, bytes } = await call(registry, callback, { headers: { Accept } });
    expect([status, headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(bytes.toString()).toContain('<h1>This registry has no sign-in by an identity provider</h1>');
    expect(bytes.toString()).toContain(headers.get('x-request-id'));
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'sha256-/);
    expect([headers.get('cache-control'), headers.get('referrer-policy')]).toEqual([
      'no-store',
      'no-referrer',
    ]);
    expect(headers.get('vary')).toContain('Accept');
  });

  test.each(['*/*', 'application/json', 'application/problem+json, text/html;q=0.5'])(
    'is told as problem details to whoever sends Accept: %s',
    async (Accept) => {
      const { headers, json } = await call(registry, callback, { headers: { Accept } });
      expect([headers.get('content-type'), json['code']]).toEqual([
        'application/problem+json',
        'auth.sign_in_unavailable',
      ]);
    },
  );
});
