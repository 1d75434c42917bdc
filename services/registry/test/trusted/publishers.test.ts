import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clearLimits, setLimits } from '../../src/domain/limits/limits.js';
import { createTrustedIssuers } from '../../src/trusted/issuers.js';
import { addPublisher, exchange } from '../support/exchange.js';
import { githubClaims, GITHUB_PUBLISHER, startIssuer, type TestIssuer } from '../support/issuer.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { buildUpload, call, callJson, openNamespace, send } from '../support/upload.js';

let issuer: TestIssuer;
let gitlab: TestIssuer;
let corp: TestIssuer;
let registry: TestRegistry;

beforeAll(async () => {
  [issuer, gitlab, corp] = await Promise.all([startIssuer(), startIssuer(), startIssuer('EdDSA')]);
  const audience = 'sheaf:wf.example.com';
  const trusted = createTrustedIssuers(
    { now: () => Date.now(), elapsedMs: () => Date.now(), report: () => undefined },
    [
      { issuer: issuer.url, kind: 'github', audience },
      { issuer: gitlab.url, kind: 'gitlab', audience },
      { issuer: corp.url, kind: 'generic', audience, identity: ['tenant', 'job_id'] },
    ],
  );
  registry = await startTestRegistry({ trusted });
  await openNamespace(registry);
});
afterAll(async () => {
  await registry.close();
  await Promise.all([issuer.close(), gitlab.close(), corp.close()]);
});

const body = (changes: object = {}) => ({
  namespace: 'acme',
  issuer: issuer.url,
  claims: GITHUB_PUBLISHER,
  ...changes,
});
const token = (changes: Readonly<Record<string, unknown>> = {}) =>
  issuer.sign(githubClaims(issuer, Date.now(), changes));
const list = (namespace: string, as = registry.ownerToken) =>
  call(registry, `/v1/trusted-publishers?namespace=${namespace}`, { token: as });

describe('a trusted publisher', () => {
  test('is added once, listed, and removed', async () => {
    const added = await addPublisher(registry, body({ workflow: 'deploy' }));
    expect(added.status).toBe(201);
    expect(added.json).toMatchObject({
      namespace: 'acme',
      workflow: 'deploy',
      kind: 'github',
      claims: GITHUB_PUBLISHER,
    });
    const again = await addPublisher(registry, body({ workflow: 'deploy' }));
    expect([again.status, again.json['id']]).toEqual([200, added.json['id']]);
    expect((await addPublisher(registry, body({ workflow: 'build' }))).status).toBe(201);
    const listed = (await list('acme')).json['publishers'] as { id: string; workflow: string }[];
    expect(listed.map(({ workflow }) => workflow)).toEqual(['deploy', 'build']);
    for (const { id } of listed) {
      const path = `/v1/trusted-publishers/${id}`;
      expect((await call(registry, path, { method: 'DELETE', token: registry.ownerToken })).status).toBe(204);
      expect((await call(registry, path, { method: 'DELETE', token: registry.ownerToken })).status).toBe(204);
    }
    expect((await list('acme')).json).toEqual({ publishers: [] });
    const actions = await registry.db
      .selectFrom('audit')
      .select('action')
      .where('action', 'like', 'publisher.%')
      .execute();
    expect(actions.map(({ action }) => action)).toEqual([
      'publisher.add',
      'publisher.add',
      'publisher.remove',
      'publisher.remove',
    ]);
  });

  test('is the business of owners alone', async () => {
    const stranger = await registry.addUser('mallory');
    expect((await addPublisher(registry, body(), stranger)).json['code']).toBe('auth.role_missing');
    expect((await list('acme', stranger)).json['code']).toBe('auth.role_missing');
    const added = await addPublisher(registry, body());
    const path = `/v1/trusted-publishers/${String(added.json['id'])}`;
    expect((await call(registry, path, { method: 'DELETE', token: stranger })).json['code']).toBe(
      'auth.role_missing',
    );
    expect((await call(registry, path, { method: 'DELETE' })).status).toBe(401);
    const narrow = await registry.addUser('narrow', ['publish']);
    expect((await list('acme', narrow)).json['code']).toBe('auth.scope_missing');
    await call(registry, path, { method: 'DELETE', token: registry.ownerToken });
  });

  test.each([
    ['an issuer that does not count', { issuer: 'https://evil.example' }, 401, 'oidc.issuer_unknown'],
    ['no repository', { claims: {} }, 422, 'publisher.refused'],
    [
      'no workflow file',
      { claims: { repository_id: '1', repository_owner_id: '2' } },
      422,
      'publisher.refused',
    ],
    ['any branch', { claims: { ...GITHUB_PUBLISHER, ref: '*' } }, 422, 'publisher.refused'],
    ['any repository', { claims: { ...GITHUB_PUBLISHER, repository_id: '*' } }, 422, 'publisher.refused'],
    [
      'any workflow file',
      { claims: { ...GITHUB_PUBLISHER, workflow_path: '.github/*' } },
      422,
      'publisher.refused',
    ],
    [
      'a claim in reversed text',
      { claims: { ...GITHUB_PUBLISHER, ref: 'a\u202eb' } },
      422,
      'publisher.refused',
    ],
    [
      'a claim of a name that no issuer has',
      { claims: { ...GITHUB_PUBLISHER, __proto__x: 'a' } },
      422,
      'publisher.refused',
    ],
    ['a further member', { owner: 'eve' }, 400, 'request.invalid'],
    ['a namespace that is no name', { namespace: 'Acme' }, 422, 'namespace.name_refused'],
  ])('is refused with %s', async (_, changes, status, code) => {
    const answer = await addPublisher(registry, body(changes));
    expect([answer.status, answer.json['code']]).toEqual([status, code]);
  });

  test('of GitLab is a project and a pipeline file, wherever that lies', async () => {
    const claims = {
      project_id: '20',
      namespace_id: '4',
      workflow_path: 'ci/release.yml',
      ref_protected: 'true',
    };
    const added = await addPublisher(registry, { namespace: 'acme', issuer: gitlab.url, claims });
    expect(added.status).toBe(201);
    const now = Math.floor(Date.now() / 1000);
    const said = {
      iss: gitlab.url,
      aud: 'sheaf:wf.example.com',
      jti: 'a',
      iat: now,
      exp: now + 300,
      project_id: '20',
      namespace_id: '4',
      project_path: 'acme/deploy',
      ref_protected: 'true',
      ci_config_ref_uri: `${new URL(gitlab.url).host}/acme/deploy//ci/release.yml@refs/tags/v1`,
    };
    expect((await exchange(registry, await gitlab.sign(said))).answer.status).toBe(201);
    const elsewhere = {
      ...said,
      jti: 'b',
      ci_config_ref_uri: `${new URL(gitlab.url).host}/acme/deploy//ci/release.yml@refs/x@refs/tags/v1`,
    };
    expect((await exchange(registry, await gitlab.sign(elsewhere))).answer.json['code']).toBe(
      'oidc.claims_mismatch',
    );
    const open = { ...said, jti: 'c', ref_protected: 'false' };
    expect((await exchange(registry, await gitlab.sign(open))).answer.json['code']).toBe(
      'oidc.claims_mismatch',
    );
  });

  test('of any other issuer is known by the claims that its operator names', async () => {
    const missing = await addPublisher(registry, {
      namespace: 'acme',
      issuer: corp.url,
      claims: { tenant: 'a' },
    });
    expect(missing.json['code']).toBe('publisher.refused');
    const claims = { tenant: 'a', job_id: '7', stage: 'release-*' };
    expect((await addPublisher(registry, { namespace: 'acme', issuer: corp.url, claims })).status).toBe(201);
    const now = Math.floor(Date.now() / 1000);
    const said = {
      iss: corp.url,
      aud: 'sheaf:wf.example.com',
      iat: now,
      exp: now + 60,
      tenant: 'a',
      job_id: 7,
      stage: 'release-eu',
    };
    const { answer } = await exchange(registry, await corp.sign(said));
    expect(answer.status).toBe(201);
    const row = await registry.db
      .selectFrom('ephemeral_keys')
      .select('identity')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(row.identity).toEqual({ tenant: 'a', job_id: '7' });
    const other = await exchange(registry, await corp.sign({ ...said, tenant: 'b' }));
    expect(other.answer.json['code']).toBe('oidc.identity_mismatch');
  });
});

describe('for a namespace that is not there', () => {
  test('a publisher waits, and its first publish makes the namespace, for whoever added it', async () => {
    const alice = await registry.addUser('alice');
    const added = await addPublisher(registry, body({ namespace: 'fresh' }), alice);
    expect(added.json).toMatchObject({ pending: true });
    expect((await list('fresh')).json).toEqual({ publishers: [] });
    expect(((await list('fresh', alice)).json['publishers'] as unknown[]).length).toBe(1);
    const { answer, key } = await exchange(registry, await token(), { namespace: 'fresh' });
    expect(answer.status).toBe(201);
    const upload = await buildUpload(registry, { namespace: 'fresh' }, key);
    expect((await send(registry, upload, String(answer.json['token']))).status).toBe(201);
    const mine = await call(registry, '/v1/namespaces/fresh', { token: alice });
    expect(mine.json).toMatchObject({ role: 'owner', visibility: 'public' });
    const listed = (await list('fresh', alice)).json['publishers'] as object[];
    expect(listed[0]).not.toHaveProperty('pending');
    expect(listed[0]).toHaveProperty('lastUsedAt');
  });

  test('a publisher whose owner may be a member of no more namespaces goes on waiting', async () => {
    const gus = await registry.addUser('gus');
    await addPublisher(registry, body({ namespace: 'beyond' }), gus);
    const setter = { principal: null, requestId: null };
    const subject = { kind: 'user', name: 'gus' } as const;
    await setLimits(registry.deps, setter, subject, { namespaces: 0, reason: '' });
    const { answer } = await exchange(registry, await token(), { namespace: 'beyond' });
    expect([answer.status, answer.json['code']]).toEqual([403, 'quota.exceeded']);
    expect((await call(registry, '/v1/namespaces/beyond', { token: gus })).status).toBe(404);
    await clearLimits(registry.deps, setter, subject);
    expect((await exchange(registry, await token(), { namespace: 'beyond' })).answer.status).toBe(201);
  });

  test('a publisher of somebody else who waits for it counts for nothing once it is there', async () => {
    const mallory = await registry.addUser('mallory2');
    await addPublisher(registry, body({ namespace: 'taken' }), mallory);
    await openNamespace(registry, 'taken');
    const { answer } = await exchange(registry, await token(), { namespace: 'taken' });
    expect([answer.status, answer.json['code']]).toEqual([403, 'oidc.no_publisher']);
  });

  test('two people who wait with the same repository get nothing: neither may own what the other publishes', async () => {
    const [bob, eve] = [await registry.addUser('bob'), await registry.addUser('eve')];
    expect((await addPublisher(registry, body({ namespace: 'wanted' }), eve)).status).toBe(201);
    expect((await addPublisher(registry, body({ namespace: 'wanted' }), bob)).status).toBe(201);
    const { answer } = await exchange(registry, await token(), { namespace: 'wanted' });
    expect([answer.status, answer.json['code']]).toEqual([403, 'oidc.no_publisher']);
    expect((await call(registry, '/v1/namespaces/wanted')).status).toBe(404);
    expect((await callJson(registry, 'POST', '/v1/namespaces', { name: 'wanted' }, bob)).status).toBe(201);
    expect((await exchange(registry, await token(), { namespace: 'wanted' })).answer.status).toBe(201);
  });

  test('a name that may not be used is refused before anybody waits for it', async () => {
    const answer = await addPublisher(registry, body({ namespace: 'admin' }));
    expect([answer.status, answer.json['code']]).toEqual([422, 'namespace.name_refused']);
  });
});

test('the issuers that count, and what they need, are public', async () => {
  const { json } = await call(registry, '/v1/oidc/issuers');
  const issuers = json['issuers'] as { issuer: string; identity: string[] }[];
  expect(issuers.map(({ identity }) => identity)).toEqual([
    ['repository_id', 'repository_owner_id'],
    ['project_id', 'namespace_id'],
    ['tenant', 'job_id'],
  ]);
  expect(issuers[0]).toMatchObject({
    issuer: issuer.url,
    kind: 'github',
    audience: 'sheaf:wf.example.com',
    required: ['workflow_path'],
  });
});
