import * as jose from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setSuspended } from '../../src/db/user-queries.js';
import { TOKENS_ONLY } from '../../src/domain/identity/sign-in.js';
import { createIdentityProvider } from '../../src/sign-in/provider.js';
import { AUDIENCE, startTestIssuer, type TestIssuer } from '../support/test-issuer.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { call, callJson, type Answer } from '../support/upload.js';

let issuer: TestIssuer;
let registry: TestRegistry;
/** Milliseconds that pass for the registry beyond those of the test, and by which its clock is set back. */
let clockMs = 0;
let setBackMs = 0;
const elapsedMs = () => Date.now() + clockMs;
const now = () => elapsedMs() - setBackMs;

beforeAll(async () => {
  issuer = await startTestIssuer();
  const provider = createIdentityProvider({
    config: issuer.config,
    now,
    elapsedMs,
    report: () => undefined,
  });
  registry = await startTestRegistry({ now, signIn: { ...TOKENS_ONLY, provider } });
});
afterAll(async () => {
  await registry.close();
  await issuer.close();
});
beforeEach(() => {
  clockMs = 0;
  setBackMs = 0;
});

const whoami = (token: string) => call(registry, '/v1/whoami', { token });
const told = ({ status, json }: Answer) => [status, json['code'] ?? json['user']];
const nowS = () => Math.floor(now() / 1000);
let people = 0;
const newSubject = () => `subject-${(people += 1)}`;

test('the readiness names a provider that does not answer, and what to do, and stays ready', async () => {
  const readiness = async () => (await call(registry, '/readyz')).json;
  const poll = { timeout: 20_000, interval: 200 };
  await expect.poll(readiness, poll).toMatchObject({ status: 'ready', signIn: 'ok', faults: [] });
  const config = { ...issuer.config, issuer: 'http://127.0.0.1:1/wrong' };
  const provider = createIdentityProvider({ config, now, elapsedMs, report: () => undefined });
  await expect(provider.check()).rejects.toMatchObject({ code: 'auth.provider_down' });
  const other = await startTestRegistry({ now, signIn: { ...TOKENS_ONLY, provider } });
  const { json, status } = await call(other, '/readyz');
  await other.close();
  expect([status, json]).toMatchObject([
    200,
    {
      status: 'degraded',
      signIn: 'down',
      faults: [
        {
          part: 'signIn',
          detail: expect.stringContaining('http://127.0.0.1:1/wrong') as string,
          remedy: expect.stringContaining('SHEAF_OIDC_ISSUER') as string,
        },
      ],
    },
  ]);
});

describe('a signed access token', () => {
  test('makes a user of whoever signs in first, and is the same person ever after', async () => {
    const sub = newSubject();
    const token = await issuer.sign({ sub, preferred_username: 'Zoë Müller' });
    const first = await whoami(token);
    expect(first.json).toMatchObject({
      user: 'zoe-muller',
      admin: false,
      via: 'oidc',
      token: { name: 'sign-in', scopes: ['*'] },
    });
    expect(told(await whoami(await issuer.sign({ sub, preferred_username: 'mallory' })))).toEqual([
      200,
      'zoe-muller',
    ]);
    const other = await whoami(await issuer.sign({ sub: newSubject(), preferred_username: 'zoe-muller' }));
    expect(told(other)).toEqual([200, 'zoe-muller-2']);
  });

  test('makes one user when many requests come at once', async () => {
    const token = await issuer.sign({ sub: newSubject(), preferred_username: 'crowd' });
    const answers = await Promise.all(Array.from({ length: 8 }, () => whoami(token)));
    expect(new Set(answers.map(({ json }) => json['user']))).toEqual(new Set(['crowd']));
  });

  test('never takes the name of a user who has only tokens', async () => {
    await registry.addUser('only-tokens');
    const answer = await whoami(await issuer.sign({ sub: newSubject(), preferred_username: 'only-tokens' }));
    expect(told(answer)).toEqual([200, 'only-tokens-2']);
  });

  test.each([
    ['has expired', () => ({ exp: nowS() - 60 })],
    ['is not valid yet', () => ({ nbf: nowS() + 600 })],
    ['is for another audience', () => ({ aud: 'urn:other' })],
    ['is for a client', () => ({ aud: 'cli' })],
    ['is of another issuer', () => ({ iss: 'https://evil.example' })],
    ['was issued to another client', () => ({ client_id: 'other' })],
    ['does not name its client', () => ({ client_id: undefined })],
    ['is of a client for itself', () => ({ sub: 'cli' })],
    ['has no subject', () => ({ sub: undefined })],
    ['has an empty subject', () => ({ sub: '' })],
    ['has an endless subject', () => ({ sub: 'x'.repeat(256) })],
    ['has no end', () => ({ exp: undefined })],
    ['is bound to a key', () => ({ cnf: { jkt: 'x' } })],
    ['is an ID token', () => ({ nonce: 'n' })],
  ] as const)('that %s is refused, and makes no user', async (_what, claims) => {
    const before = await countUsers();
    const answer = await whoami(await issuer.sign({ sub: newSubject(), ...claims() }));
    expect(told(answer)).toEqual([401, 'auth.token_invalid']);
    expect(await countUsers()).toBe(before);
  });

  test('may name several audiences, and its client as other providers do', async () => {
    const token = await issuer.sign({
      sub: newSubject(),
      aud: ['urn:other', AUDIENCE],
      client_id: undefined,
      azp: 'cli',
    });
    expect((await whoami(token)).status).toBe(200);
  });

  test.each([
    ['JWT', 200],
    [undefined, 200],
    ['application/at+jwt', 200],
    ['dpop+jwt', 401],
    ['logout+jwt', 401],
  ])('with the type %s is answered with %i', async (typ, status) => {
    expect((await whoami(await issuer.sign({ sub: newSubject() }, { typ }))).status).toBe(status);
  });

  test('is not what anybody makes of the public key, or of no key', async () => {
    const claims = {
      iss: issuer.config.issuer,
      aud: AUDIENCE,
      client_id: 'cli',
      sub: 'x',
      iat: nowS(),
      exp: nowS() + 60,
    };
    const pem = Buffer.from(await issuer.publicKeyPem());
    const confused = await new jose.SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .sign(pem);
    const unsigned = new jose.UnsecuredJWT(claims).encode();
    const [header = '', body = ''] = (await issuer.sign()).split('.');
    const { privateKey, publicKey } = await jose.generateKeyPair('ES256', { extractable: true });
    const jwk = await jose.exportJWK(publicKey);
    const own = await new jose.SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k1', jwk })
      .sign(privateKey);
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    for (const token of [confused, unsigned, `${header}.${body}.`, `${none}.${body}.`, own])
      expect(told(await whoami(token))).toEqual([401, 'auth.token_invalid']);
  });

  test('of a person who is suspended is refused, and so are their own tokens', async () => {
    const token = await issuer.sign({ sub: newSubject(), preferred_username: 'sus' });
    const made = await callJson(registry, 'POST', '/v1/tokens', { name: 'own' }, token);
    const own = made.json['token'] as string;
    expect([(await whoami(token)).status, (await whoami(own)).status]).toEqual([200, 200]);
    await setSuspended(registry.db, 'sus', new Date());
    for (const one of [token, own]) expect(told(await whoami(one))).toEqual([403, 'auth.suspended']);
    await setSuspended(registry.db, 'sus', null);
    expect((await whoami(own)).status).toBe(200);
  });

  test('makes an admin of whoever bears the group, for as long as the token says so', async () => {
    const sub = newSubject();
    const admin = await issuer.sign({ sub, groups: ['dev', 'registry-admins'] });
    expect((await whoami(admin)).json).toMatchObject({ admin: true });
    expect((await whoami(await issuer.sign({ sub, groups: ['dev'] }))).json).toMatchObject({ admin: false });
    const made = await callJson(registry, 'POST', '/v1/tokens', { name: 'own' }, admin);
    expect((await whoami(made.json['token'] as string)).json).toMatchObject({ admin: false });
  });
});

test('an admin by the group alone stops and removes webhooks, and directs none', async () => {
  const admin = await issuer.sign({ sub: newSubject(), groups: ['registry-admins'] });
  const ask = (method: string, path: string, body: unknown, token = admin) =>
    callJson(registry, method, path, body, token);
  const url = 'https://example.com/';
  const made = await ask('POST', '/v1/webhooks', { url }, registry.ownerToken);
  const path = `/v1/webhooks/${String(made.json['id'])}`;
  const refused = [
    await ask('POST', '/v1/webhooks', { url }),
    await ask('PATCH', path, { url: 'https://example.net/' }),
    await ask('PATCH', path, { enabled: true }),
    await ask('POST', `${path}/secret`, undefined),
  ];
  expect(refused.map(told)).toEqual(refused.map(() => [403, 'auth.role_missing']));
  expect((await ask('PATCH', path, { enabled: false })).json).toMatchObject({ enabled: false, url });
  expect((await ask('DELETE', path, undefined)).status).toBe(204);
  const own = await ask('POST', '/v1/namespaces', { name: 'claimed' });
  expect(own.status).toBe(201);
  expect((await ask('POST', '/v1/webhooks', { url, namespace: 'claimed' })).status).toBe(201);
});

describe('keys of the provider', () => {
  test('that are new are found, once for many tokens that are forged', async () => {
    await whoami(await issuer.sign());
    await issuer.rotate();
    clockMs = 11_000;
    expect((await whoami(await issuer.sign({ iat: nowS(), exp: nowS() + 60 }))).status).toBe(200);
    const before = issuer.asked.get('/jwks') ?? 0;
    await issuer.rotate(false);
    clockMs = 30_000;
    const forged = await issuer.sign({ iat: nowS(), exp: nowS() + 60 });
    for (let i = 0; i < 5; i++) expect(told(await whoami(forged))).toEqual([401, 'auth.token_invalid']);
    expect((issuer.asked.get('/jwks') ?? 0) - before).toBe(1);
    await issuer.rotate();
  });

  test('are used on while the provider is down; tokens of this registry work, too', async () => {
    clockMs = 60_000;
    const own = await registry.addUser('works-on');
    const fresh = () => issuer.sign({ iat: nowS(), exp: nowS() + 60 });
    expect((await whoami(await fresh())).status).toBe(200);
    issuer.setDown(true);
    try {
      clockMs = 20 * 60_000;
      expect((await whoami(await fresh())).status).toBe(200);
      expect((await whoami(own)).status).toBe(200);
      const unknown = await whoami(`opaque-${'x'.repeat(40)}`);
      expect(told(unknown)).toEqual([503, 'auth.provider_down']);
      expect(unknown.headers.get('retry-after')).toBe('10');
      clockMs = 26 * 3_600_000;
      expect(told(await whoami(await fresh()))).toEqual([503, 'auth.provider_down']);
      expect((await whoami(own)).status).toBe(200);
    } finally {
      issuer.setDown(false);
    }
    clockMs = 27 * 3_600_000;
    expect((await whoami(await fresh())).status).toBe(200);
  });
});

describe('an opaque access token', () => {
  let made = 0;
  const tell = (claims: Record<string, unknown> = {}) => {
    made += 1;
    const token = `opaque-token-${made}-${'x'.repeat(20)}`;
    issuer.opaque.set(token, {
      active: true,
      token_type: 'Bearer',
      client_id: 'cli',
      sub: `opaque-${made}`,
      exp: nowS() + 3600,
      ...claims,
    });
    return token;
  };
  const asked = () => issuer.asked.get('/introspect') ?? 0;

  test('is asked about once in a while, and never after its end', async () => {
    const token = tell({ exp: nowS() + 10, username: 'opal' });
    const before = asked();
    for (let i = 0; i < 3; i++) expect(told(await whoami(token))).toEqual([200, 'opal']);
    expect(asked() - before).toBe(1);
    clockMs = 10_001;
    expect(told(await whoami(token))).toEqual([401, 'auth.token_invalid']);
  });

  test.each([0, 3_600_000])(
    'that is revoked works half a minute at most, with a clock set back %i ms',
    async (byMs) => {
      const token = tell();
      expect((await whoami(token)).status).toBe(200);
      issuer.opaque.delete(token);
      expect((await whoami(token)).status).toBe(200);
      clockMs = 30_001;
      setBackMs = byMs;
      expect((await whoami(token)).status).toBe(401);
    },
  );

  test('that was refused is asked about again after a few seconds', async () => {
    const token = tell();
    const answer = issuer.opaque.get(token);
    issuer.opaque.delete(token);
    expect((await whoami(token)).status).toBe(401);
    issuer.opaque.set(token, answer ?? {});
    expect((await whoami(token)).status).toBe(401);
    clockMs = 5_001;
    expect((await whoami(token)).status).toBe(200);
  });

  test.each([
    ['is a refresh token', { token_type: undefined }],
    ['is for another audience', { aud: 'urn:other' }],
    ['was issued to another client', { client_id: 'other' }],
    ['is of a client for itself', { sub: 'cli' }],
    ['is of another issuer', { iss: 'https://evil.example' }],
    ['is bound to a key', { token_type: 'DPoP', cnf: { jkt: 'x' } }],
    ['has no end', { exp: undefined }],
  ])('that %s is refused', async (_what, claims) => {
    expect(told(await whoami(tell(claims)))).toEqual([401, 'auth.token_invalid']);
  });

  test('of a form that none has is not asked about', async () => {
    const before = asked();
    for (const token of ['short', 'with|bars|'.repeat(5), 'x'.repeat(3000), 'shf_0123456789abcdef_x'])
      expect(told(await whoami(token))).toEqual([401, 'auth.token_invalid']);
    expect(asked()).toBe(before);
  });
});

describe('what takes a sign-in of the last hour', () => {
  const post = (path: string, body: unknown, token: string) => callJson(registry, 'POST', path, body, token);

  test('is open to whoever signed in within it, however new the token is', async () => {
    const sub = newSubject();
    const signedIn = (agoS: number) => issuer.sign({ sub, auth_time: nowS() - agoS });
    const token = await signedIn(0);
    expect((await whoami(token)).json['authenticatedAt']).toEqual(expect.any(String));
    await post('/v1/namespaces', { name: 'fresh' }, token);
    await registry.addUser('heir');
    const transfer = async (t: string) =>
      told(await post('/v1/namespaces/fresh/transfer', { to: 'heir' }, t));
    expect((await transfer(await signedIn(3590)))[0]).toBe(201);
    expect(await transfer(await signedIn(3601))).toEqual([403, 'auth.not_fresh']);
    expect(await transfer(await issuer.sign({ sub }))).toEqual([403, 'auth.not_fresh']);
    // A time that is yet to come is no time at which anybody signed in.
    expect(await transfer(await signedIn(-3600))).toEqual([403, 'auth.not_fresh']);
  });

  test('is closed to tokens of somebody who can sign in, unless they were made after that', async () => {
    const sub = newSubject();
    const stale = await issuer.sign({ sub, auth_time: nowS() - 4000 });
    const fresh = await issuer.sign({ sub, auth_time: nowS() });
    const everything = (await post('/v1/tokens', { name: 'all', scopes: ['*'] }, fresh)).json['token'];
    const recovery = { name: 'r', scopes: ['recovery'] };
    expect(told(await post('/v1/tokens', recovery, stale))).toEqual([403, 'auth.not_fresh']);
    expect(told(await post('/v1/tokens', recovery, everything as string))).toEqual([403, 'auth.not_fresh']);
    expect((await post('/v1/tokens', recovery, fresh)).status).toBe(201);
    // Who has no identity at the provider has nothing stronger than a token.
    expect((await post('/v1/tokens', recovery, await registry.addUser('no-identity'))).status).toBe(201);
  });
});

test('the well-known document says how to sign in', async () => {
  const { json } = await call(registry, '/.well-known/sheaf-registry');
  expect(json['signIn']).toEqual({
    issuer: issuer.config.issuer,
    clientId: 'cli',
    scopes: ['openid', 'profile', 'offline_access'],
    resource: AUDIENCE,
  });
});

async function countUsers(): Promise<number> {
  const { count } = await registry.db
    .selectFrom('users')
    .select((b) => b.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}
