import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import { setSuspended } from '../../src/db/user-queries.js';
import { readClaims } from '../../src/domain/trusted/claims.js';
import { createTrustedIssuers } from '../../src/trusted/issuers.js';
import { addPublisher, exchange } from '../support/exchange.js';
import { githubClaims, GITHUB_PUBLISHER, startIssuer, type TestIssuer } from '../support/issuer.js';
import { addMember } from '../support/members.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { buildUpload, call, callJson, openNamespace, send } from '../support/upload.js';

/** Trusted publishing beside people who lost trust, and jobs that were never meant. */
let issuer: TestIssuer;
let registry: TestRegistry;
beforeAll(async () => {
  issuer = await startIssuer();
  const trusted = createTrustedIssuers(
    { now: () => Date.now(), elapsedMs: () => Date.now(), report: () => undefined },
    [{ issuer: issuer.url, kind: 'github', audience: 'sheaf:wf.example.com' }],
  );
  registry = await startTestRegistry({ trusted });
});
afterAll(async () => {
  await registry.close();
  await issuer.close();
});

const add = (namespace: string, claims: object = GITHUB_PUBLISHER, token?: string) =>
  addPublisher(registry, { namespace, issuer: issuer.url, claims }, token);
const askFor = async (namespace: string, changes: Readonly<Record<string, unknown>> = {}) => {
  const token = await issuer.sign(githubClaims(issuer, Date.now(), changes));
  const { answer } = await exchange(registry, token, { namespace, name: undefined });
  return [answer.status, answer.json['code']];
};
const suspend = (user: string) =>
  registry.db.transaction().execute((trx) => setSuspended(trx, user, new Date()));
const refused = [403, 'oidc.no_publisher'];

describe('a publisher counts for nothing', () => {
  test('that waits for a namespace, for somebody who is suspended', async () => {
    const gone = await registry.addUser('gone');
    expect((await add('gones', GITHUB_PUBLISHER, gone)).status).toBe(201);
    await suspend('gone');
    expect(await askFor('gones')).toEqual(refused);
    expect((await call(registry, '/v1/namespaces/gones')).status).toBe(404);
  });

  test.each([
    ['is removed', 'DELETE', undefined],
    ['is an owner no more', 'PUT', { role: 'maintainer' }],
  ])('whose owner %s, and until then owners see whose it is', async (_, method, body) => {
    const namespace = `crew-${method.toLowerCase()}`;
    const user = `mallory-${method.toLowerCase()}`;
    await openNamespace(registry, namespace);
    const token = await registry.addUser(user);
    await addMember(registry, { user, namespace, role: 'owner' });
    await add(namespace, GITHUB_PUBLISHER, token);
    const path = `/v1/trusted-publishers?namespace=${namespace}`;
    const list = () => call(registry, path, { token: registry.ownerToken });
    expect((await list()).json['publishers']).toMatchObject([{ createdBy: user }]);
    expect(await askFor(namespace)).toEqual([201, undefined]);
    const member = `/v1/namespaces/${namespace}/members/${user}`;
    expect((await callJson(registry, method, member, body)).status).toBeLessThan(300);
    expect((await list()).json['publishers']).toEqual([]);
    const removed = await call(registry, `/v1/audit?namespace=${namespace}&action=publisher.remove`, {
      token: registry.ownerToken,
    });
    expect(removed.json['records']).toMatchObject([{ detail: { creator: user } }]);
    expect(await askFor(namespace)).toEqual(refused);
  });

  test('when somebody else waits with the same repository, whatever else they ask for', async () => {
    const [victim, eve] = [await registry.addUser('victim'), await registry.addUser('eve')];
    expect((await add('corpco', GITHUB_PUBLISHER, victim)).status).toBe(201);
    expect((await add('corpco', { ...GITHUB_PUBLISHER, ref: 'refs/heads/*' }, eve)).status).toBe(201);
    expect(await askFor('corpco', { ref: 'refs/heads/main' })).toEqual(refused);
    expect((await call(registry, '/v1/namespaces/corpco')).status).toBe(404);
  });
});

test('what a job was given for somebody who is suspended since is refused', async () => {
  await openNamespace(registry, 'shared');
  const token = await registry.addUser('turncoat');
  await addMember(registry, { user: 'turncoat', namespace: 'shared', role: 'owner' });
  await add('shared', GITHUB_PUBLISHER, token);
  const { answer } = await exchange(registry, await issuer.sign(githubClaims(issuer, Date.now())), {
    namespace: 'shared',
    name: undefined,
  });
  const ask = async () => {
    const { status, json } = await call(registry, '/v1/whoami', { token: String(answer.json['token']) });
    return [status, json['code']];
  };
  expect(await ask()).toEqual([200, undefined]);
  await suspend('turncoat');
  expect(await ask()).toEqual([403, 'auth.suspended']);
});

describe('a job gets no key', () => {
  test('for a pull request, unless its publisher names the event', async () => {
    await openNamespace(registry, 'asked');
    const claims = { ...GITHUB_PUBLISHER, ref: 'refs/*' };
    await add('asked', claims);
    for (const event_name of ['pull_request', 'pull_request_target', 'pull_request_review'])
      expect(await askFor('asked', { event_name, ref: 'refs/heads/main' })).toEqual([
        403,
        'oidc.claims_mismatch',
      ]);
    expect(await askFor('asked', { ref: 'refs/heads/main' })).toEqual([201, undefined]);
    await add('asked', { ...claims, event_name: 'pull_request_target' });
    expect(await askFor('asked', { event_name: 'pull_request_target' })).toEqual([201, undefined]);
  });

  test('of a publisher that says neither from which ref nor in which environment', async () => {
    await openNamespace(registry, 'loose');
    const { ref, ...loose } = GITHUB_PUBLISHER;
    expect(ref).toBeDefined();
    const answer = await add('loose', loose);
    expect([answer.status, answer.json['code']]).toEqual([422, 'publisher.refused']);
    expect((await add('loose', { ...loose, environment: 'release' })).status).toBe(201);
  });

  test('once its publisher was given sixty in an hour', async () => {
    await openNamespace(registry, 'busy');
    await add('busy');
    expect(await askFor('busy')).toEqual([201, undefined]);
    await sql`insert into ephemeral_keys (namespace_id, publisher_id, key_id, public_key, issuer, kind, identity,
        token_id, token_sha256, token_expires_at, expires_at, log_index)
      select namespace_id, publisher_id, encode(sha256(n::text::bytea), 'hex'), public_key, issuer, kind, identity,
        'copy-' || n, token_sha256, token_expires_at, expires_at, log_index
      from ephemeral_keys, generate_series(1, 59) n
      where namespace_id = (select id from namespaces where name = 'busy')`.execute(registry.db);
    expect(await askFor('busy')).toEqual([429, 'rate.limited']);
  });
});

test('a trusted publisher does not see who is a member', async () => {
  await openNamespace(registry, 'seen');
  await add('seen');
  const token = await issuer.sign(githubClaims(issuer, Date.now()));
  const { answer } = await exchange(registry, token, { namespace: 'seen', name: undefined });
  const path = '/v1/namespaces/seen/members';
  expect((await call(registry, path, { token: String(answer.json['token']) })).status).toBe(403);
});

test('the pipeline file of GitLab is one of the very project', () => {
  const of = (reference: string) =>
    readClaims('gitlab', {
      iss: 'https://gitlab.com',
      project_path: 'acme/app',
      ci_config_ref_uri: `${reference}//.gitlab-ci.yml@refs/heads/main`,
    }).get('workflow_path');
  expect(of('gitlab.com/acme/app')).toBe('.gitlab-ci.yml');
  for (const other of ['gitlab.com/mallory/ci', 'evil.example/acme/app', 'gitlab.com/x/gitlab.com/acme/app'])
    expect(of(other)).toBeUndefined();
});

test('what a job sends again gets its receipt, though its key alone is not enough any more', async () => {
  await openNamespace(registry, 'again');
  expect((await add('again')).status).toBe(201);
  const identity = await issuer.sign(githubClaims(issuer, Date.now()));
  const { answer, key } = await exchange(registry, identity, { namespace: 'again', name: undefined });
  const token = String(answer.json['token']);
  const upload = await buildUpload(registry, { namespace: 'again' }, key);
  const first = await send(registry, upload, token);
  expect(first.status).toBe(201);
  await registry.db
    .insertInto('namespace_policies')
    .values((eb) => ({
      namespace_id: eb.selectFrom('namespaces').select('id').where('name', '=', 'again'),
      threshold: 2,
      set_by: eb.selectFrom('users').select('id').orderBy('id').limit(1),
      event: Buffer.alloc(1),
      log_index: 0,
    }))
    .execute();
  const again = await send(registry, upload, token);
  expect([again.status, again.bytes.equals(first.bytes)]).toEqual([200, true]);
  const other = await buildUpload(registry, { namespace: 'again', version: '1.1.0' }, key);
  expect((await send(registry, other, token)).json).toMatchObject({ code: 'key.threshold' });
});
