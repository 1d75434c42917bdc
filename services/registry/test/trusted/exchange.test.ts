import {
  checkAuthority,
  checkInclusion,
  checkPublishLeaf,
  checkReceiptCheckpoint,
  generateSigningKey,
  parseLeaf,
  parseLogVerifier,
  parseReceipt,
} from '@sheaf/bundle';
import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTrustedIssuers } from '../../src/trusted/issuers.js';
import { addPublisher, exchange, type ExchangeOptions } from '../support/exchange.js';
import { githubClaims, GITHUB_PUBLISHER, startIssuer, type TestIssuer } from '../support/issuer.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import {
  buildUpload,
  call,
  callJson,
  countStored,
  openNamespace,
  PUBLISHER,
  send,
} from '../support/upload.js';

let issuer: TestIssuer;
let stranger: TestIssuer;
let registry: TestRegistry;
let clockMs = Date.now();

beforeAll(async () => {
  issuer = await startIssuer();
  stranger = await startIssuer();
  const trusted = createTrustedIssuers(
    { now: () => clockMs, elapsedMs: () => clockMs, report: () => undefined },
    [{ issuer: issuer.url, kind: 'github', audience: 'sheaf:wf.example.com' }],
  );
  registry = await startTestRegistry({ trusted });
  await openNamespace(registry);
  const added = await addPublisher(registry, {
    namespace: 'acme',
    workflow: 'deploy',
    issuer: issuer.url,
    claims: { ...GITHUB_PUBLISHER, ref: 'refs/tags/v*' },
  });
  expect(added.status).toBe(201);
});
afterAll(async () => {
  await registry.close();
  await issuer.close();
  await stranger.close();
});

const claims = (changes: Readonly<Record<string, unknown>> = {}) => githubClaims(issuer, clockMs, changes);
const tokenOf = (changes: Readonly<Record<string, unknown>> = {}) => issuer.sign(claims(changes));

describe('a CI job with an identity token', () => {
  test('gets a key into the log, and publishes what that key has signed', async () => {
    const { answer, key } = await exchange(registry, await tokenOf());
    expect(answer.json).toMatchObject({
      keyid: key.publicKey.id,
      namespace: 'acme',
      name: 'deploy',
      realm: 'public',
    });
    expect(answer.status).toBe(201);
    expect(Date.parse(String(answer.json['expiresAt'])) - Date.now()).toBeLessThanOrEqual(15 * 60_000);
    const token = String(answer.json['token']);

    const published = await send(registry, await buildUpload(registry, {}, key), token);
    expect(published.status).toBe(201);
    const receipt = parseReceipt(published.bytes);
    const verifier = parseLogVerifier(registry.deps.logs.get('public').verifierKey);
    const checkpoint = checkReceiptCheckpoint(receipt, verifier, `${registry.origin}/log/public`);
    for (const leaf of [receipt.publish, ...receipt.authority]) checkInclusion(leaf, checkpoint);
    const leaf = checkPublishLeaf(receipt.publish.leaf, {
      namespace: parseNamespace('acme'),
      name: parseWorkflowName('deploy'),
      version: parseVersion('1.0.0'),
    });
    expect(checkAuthority(receipt, leaf).map(({ id }) => id)).toEqual([key.publicKey.id]);
    expect(leaf.auth).toEqual([answer.json['logIndex']]);
    expect(parseLeaf(receipt.authority[0]?.leaf ?? new Uint8Array())).toMatchObject({
      type: 'key.ephemeral',
      name: 'deploy',
      issuer: issuer.url,
      identity: { repository_id: '1296269', repository_owner_id: '583231' },
      claims: {
        repository: 'acme/deploy',
        workflow_path: '.github/workflows/release.yml',
        ref: 'refs/tags/v1.0.0',
      },
    });
    expect(JSON.stringify(parseLeaf(receipt.authority[0]?.leaf ?? new Uint8Array()))).not.toContain(
      'octocat',
    );
    const shown = await call(registry, '/v1/workflows/acme/deploy/1.0.0');
    expect(shown.json).toMatchObject({ publishedVia: 'oidc:github' });
  });

  test('publishes nothing with the token alone, and nothing else than it is bound to', async () => {
    const { answer, key } = await exchange(registry, await tokenOf());
    const token = String(answer.json['token']);
    const before = await countStored(registry);
    const unsigned = await send(
      registry,
      await buildUpload(registry, { version: '2.0.0' }, PUBLISHER),
      token,
    );
    expect([unsigned.status, unsigned.json['code']]).toEqual([403, 'oidc.key_missing']);
    const other = await send(registry, await buildUpload(registry, { name: 'other' }, key), token);
    expect([other.status, other.json['code']]).toEqual([403, 'auth.scope_missing']);
    const stolen = await send(
      registry,
      await buildUpload(registry, { version: '2.0.0' }, generateSigningKey()),
      token,
    );
    expect(stolen.status).toBe(403);
    const yank = await callJson(
      registry,
      'PUT',
      '/v1/workflows/acme/deploy/1.0.0/yank',
      { reason: 'x' },
      token,
    );
    expect(yank.status).toBe(403);
    expect(await countStored(registry)).toEqual(before);
  });

  test('is no signer beside itself: two of its keys do not meet a threshold of two', async () => {
    await openNamespace(registry, 'pairs');
    const body = { namespace: 'pairs', issuer: issuer.url, claims: GITHUB_PUBLISHER };
    expect((await addPublisher(registry, body)).status).toBe(201);
    await registry.db
      .insertInto('namespace_policies')
      .values((eb) => ({
        namespace_id: eb.selectFrom('namespaces').select('id').where('name', '=', 'pairs'),
        threshold: 2,
        set_by: eb.selectFrom('users').select('id').orderBy('id').limit(1),
        event: Buffer.alloc(1),
        log_index: 0,
      }))
      .execute();
    const options = { namespace: 'pairs', name: undefined };
    const one = await exchange(registry, await tokenOf(), options);
    const two = await exchange(registry, await tokenOf(), options);
    const token = String(one.answer.json['token']);
    const both = await buildUpload(registry, { namespace: 'pairs' }, [one.key, two.key]);
    const refused = await send(registry, both, token);
    expect([refused.status, refused.json['code']]).toEqual([403, 'key.threshold']);
    const signed = await buildUpload(registry, { namespace: 'pairs' }, [one.key, PUBLISHER]);
    expect((await send(registry, signed, token)).status).toBe(201);
  });

  test('loses key and token with its publisher', async () => {
    await openNamespace(registry, 'brief');
    const body = { namespace: 'brief', issuer: issuer.url, claims: GITHUB_PUBLISHER };
    const added = await addPublisher(registry, body);
    const { answer, key } = await exchange(registry, await tokenOf(), { namespace: 'brief', name: 'deploy' });
    expect(answer.status).toBe(201);
    const removed = await call(registry, `/v1/trusted-publishers/${String(added.json['id'])}`, {
      method: 'DELETE',
      token: registry.ownerToken,
    });
    expect(removed.status).toBe(204);
    const upload = await buildUpload(registry, { namespace: 'brief' }, key);
    const refused = await send(registry, upload, String(answer.json['token']));
    expect([refused.status, refused.json['code']]).toEqual([401, 'auth.token_invalid']);
    // Nor does the key count for anybody else.
    const again = await send(registry, upload);
    expect([again.status, again.json['code']]).toEqual([403, 'key.unauthorised']);
  });
});

describe('an exchange is refused', () => {
  const now = () => Math.floor(clockMs / 1000);
  const other = generateSigningKey();
  interface Case {
    readonly why: string;
    readonly code: string;
    readonly status: number;
    readonly token: () => Promise<string> | string;
    readonly options?: ExchangeOptions;
  }
  const withClaims = (changes: Readonly<Record<string, unknown>>) => () => tokenOf(changes);
  const cases: readonly Case[] = [
    { why: 'no JWT', code: 'oidc.token_invalid', status: 401, token: () => 'nothing' },
    {
      why: 'another issuer',
      code: 'oidc.issuer_unknown',
      status: 401,
      token: () => stranger.sign({ ...claims(), iss: stranger.url }),
    },
    {
      why: 'another issuer in the name of this one',
      code: 'oidc.token_invalid',
      status: 401,
      token: () => stranger.sign(claims()),
    },
    { why: 'no issuer', code: 'oidc.issuer_unknown', status: 401, token: withClaims({ iss: undefined }) },
    {
      why: 'no signature',
      code: 'oidc.token_invalid',
      status: 401,
      token: () => new UnsecuredJWT(claims()).encode(),
    },
    {
      why: 'a symmetric signature with the public key',
      code: 'oidc.token_invalid',
      status: 401,
      token: async () => {
        const keys = (await (await fetch(`${issuer.url}/keys`)).json()) as {
          keys: { n: string; kid: string }[];
        };
        const [key] = keys.keys;
        return new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256', kid: key?.kid ?? '' })
          .sign(Buffer.from(key?.n ?? '', 'base64url'));
      },
    },
    {
      why: 'claims that were changed after signing',
      code: 'oidc.token_invalid',
      status: 401,
      token: async () => {
        const [header = '', , signature = ''] = (await tokenOf({ repository_id: '7' })).split('.');
        const payload = Buffer.from(JSON.stringify(claims())).toString('base64url');
        return `${header}.${payload}.${signature}`;
      },
    },
    {
      why: 'another audience',
      code: 'oidc.audience',
      status: 401,
      token: withClaims({ aud: 'https://github.com/acme' }),
    },
    {
      why: 'a further audience',
      code: 'oidc.audience',
      status: 401,
      token: withClaims({ aud: ['sheaf:wf.example.com', 'sheaf:evil.example'] }),
    },
    {
      why: 'an audience that begins like ours',
      code: 'oidc.audience',
      status: 401,
      token: withClaims({ aud: 'sheaf:wf.example.com.evil.example' }),
    },
    { why: 'no audience', code: 'oidc.audience', status: 401, token: withClaims({ aud: undefined }) },
    { why: 'its end passed', code: 'oidc.expired', status: 401, token: () => tokenOf({ exp: now() - 61 }) },
    { why: 'no end', code: 'oidc.token_invalid', status: 401, token: withClaims({ exp: undefined }) },
    {
      why: 'a beginning to come',
      code: 'oidc.not_yet_valid',
      status: 401,
      token: () => tokenOf({ nbf: now() + 120 }),
    },
    {
      why: 'an issue to come',
      code: 'oidc.not_yet_valid',
      status: 401,
      token: () => tokenOf({ iat: now() + 120, exp: now() + 300 }),
    },
    {
      why: 'a life of a week',
      code: 'oidc.token_invalid',
      status: 401,
      token: () => tokenOf({ exp: now() + 7 * 86_400 }),
    },
    {
      why: 'another repository',
      code: 'oidc.identity_mismatch',
      status: 403,
      token: withClaims({ repository_id: '1296270' }),
    },
    {
      why: 'a repository of the same name, of another owner',
      code: 'oidc.identity_mismatch',
      status: 403,
      token: withClaims({ repository_owner_id: '1' }),
    },
    {
      why: 'no repository id',
      code: 'oidc.identity_mismatch',
      status: 403,
      token: withClaims({ repository_id: undefined }),
    },
    {
      why: 'another workflow file',
      code: 'oidc.claims_mismatch',
      status: 403,
      token: withClaims({ workflow_ref: 'acme/deploy/.github/workflows/ci.yml@refs/tags/v1.0.0' }),
    },
    {
      why: 'a branch that looks like the workflow file',
      code: 'oidc.claims_mismatch',
      status: 403,
      token: withClaims({
        workflow_ref:
          'acme/deploy/.github/workflows/ci.yml@refs/heads/x/.github/workflows/release.yml@refs/tags/v1',
      }),
    },
    {
      why: 'its own word for the workflow file',
      code: 'oidc.claims_mismatch',
      status: 403,
      token: withClaims({ workflow_ref: 'evil', workflow_path: '.github/workflows/release.yml' }),
    },
    {
      why: 'a branch instead of a tag',
      code: 'oidc.claims_mismatch',
      status: 403,
      token: withClaims({ ref: 'refs/heads/main' }),
    },
    {
      why: 'another namespace',
      code: 'oidc.no_publisher',
      status: 403,
      token: withClaims({}),
      options: { namespace: 'nobody' },
    },
    {
      why: 'another workflow',
      code: 'oidc.no_publisher',
      status: 403,
      token: withClaims({}),
      options: { name: 'other' },
    },
    {
      why: 'a proof by another key',
      code: 'oidc.proof_invalid',
      status: 403,
      token: withClaims({}),
      options: { signedBy: other },
    },
    {
      why: 'a proof for another token',
      code: 'oidc.proof_invalid',
      status: 403,
      token: withClaims({}),
      options: { proven: { token: 'x' } },
    },
    {
      why: 'a proof for another registry',
      code: 'oidc.proof_invalid',
      status: 403,
      token: withClaims({}),
      options: { proven: { registry: 'evil.example' } },
    },
    {
      why: 'a proof for another workflow',
      code: 'oidc.proof_invalid',
      status: 403,
      token: withClaims({}),
      options: { proven: { name: 'other' } },
    },
    {
      why: 'a key that the namespace has',
      code: 'oidc.key_used',
      status: 409,
      token: withClaims({}),
      options: { key: PUBLISHER },
    },
  ];

  test.each(cases)('with $why: $code', async ({ code, status, token, options }) => {
    const before = await countStored(registry);
    const { answer } = await exchange(registry, await token(), options);
    expect([answer.status, answer.json['code']]).toEqual([status, code]);
    expect(await countStored(registry)).toEqual(before);
  });

  test('when the same token comes again, also at the same moment and with another key: oidc.replayed', async () => {
    const token = await tokenOf();
    const answers = await Promise.all([1, 2, 3].map(() => exchange(registry, token)));
    const statuses = answers.map(({ answer }) => answer.status).sort((a, b) => a - b);
    expect(statuses).toEqual([201, 401, 401]);
    const { answer } = await exchange(registry, token);
    expect([answer.status, answer.json['code']]).toEqual([401, 'oidc.replayed']);
  });

  test('when a token without an id comes again under another signature: oidc.replayed', async () => {
    const local = await startIssuer('ES256');
    const trusted = createTrustedIssuers({ now: Date.now, elapsedMs: Date.now, report: () => undefined }, [
      { issuer: local.url, kind: 'github', audience: 'sheaf:wf.example.com' },
    ]);
    const { jti, ...payload } = githubClaims(local, Date.now());
    expect(jti).toBeDefined();
    const token = await local.sign(payload);
    const [first, second] = [await trusted.verify(token), await trusted.verify(mirrorSignature(token))];
    expect(mirrorSignature(token)).not.toBe(token);
    expect(second.useId).toEqual(first.useId);
    expect((await trusted.verify(await local.sign({ ...payload, run_id: '43' }))).useId).not.toEqual(
      first.useId,
    );
    await local.close();
  });

  test('for a key that was given before, to whoever brings it again: oidc.key_used', async () => {
    const key = generateSigningKey();
    expect((await exchange(registry, await tokenOf(), { key })).answer.status).toBe(201);
    const { answer } = await exchange(registry, await tokenOf(), { key });
    expect([answer.status, answer.json['code']]).toEqual([409, 'oidc.key_used']);
  });

  test('and the identity token is not used up by it', async () => {
    const token = await tokenOf();
    expect((await exchange(registry, token, { key: PUBLISHER })).answer.status).toBe(409);
    expect((await exchange(registry, token)).answer.status).toBe(201);
  });
});

describe('the keys of an issuer', () => {
  test('are fetched anew for one that is not known, but not more often than every ten seconds', async () => {
    expect((await exchange(registry, await tokenOf())).answer.status).toBe(201);
    clockMs += 11_000;
    await issuer.rotate();
    const before = issuer.keyRequests();
    expect((await exchange(registry, await tokenOf())).answer.status).toBe(201);
    expect(issuer.keyRequests()).toBe(before + 1);
    for (let i = 0; i < 5; i++) {
      const forged = await issuer.sign(claims(), { kid: `forged-${i}` });
      expect((await exchange(registry, forged)).answer.json['code']).toBe('oidc.token_invalid');
    }
    expect(issuer.keyRequests()).toBe(before + 1);
  });

  test('that are taken back do not count once they are fetched anew', async () => {
    const old = await tokenOf();
    expect(decodeJwt(old).iss).toBe(issuer.url);
    await issuer.rotate({ keepOld: false });
    clockMs += 11_000;
    expect((await exchange(registry, await tokenOf())).answer.status).toBe(201);
    expect((await exchange(registry, old)).answer.json['code']).toBe('oidc.token_invalid');
  });

  test('that cannot be fetched are the issuer’s fault, and 503', async () => {
    const down = await startIssuer();
    down.setDown(true);
    const trusted = createTrustedIssuers({ now: Date.now, elapsedMs: Date.now, report: () => undefined }, [
      { issuer: down.url, kind: 'github', audience: 'sheaf:wf.example.com' },
    ]);
    const token = await down.sign(githubClaims(down, Date.now()));
    await expect(trusted.verify(token)).rejects.toMatchObject({ code: 'oidc.issuer_down' });
    await down.close();
  });

  test.each([
    ['calls itself something else', { issuer: 'https://evil.example', jwks_uri: 'http://127.0.0.1/keys' }],
    ['has its keys elsewhere, without encryption', { jwks_uri: 'http://192.0.2.1/keys' }],
    ['has no keys', {}],
  ])('count for nothing when the issuer %s', async (_, document) => {
    const odd = await startIssuer();
    odd.setDiscovery({ issuer: odd.url, ...document });
    const trusted = createTrustedIssuers({ now: Date.now, elapsedMs: Date.now, report: () => undefined }, [
      { issuer: odd.url, kind: 'github', audience: 'sheaf:wf.example.com' },
    ]);
    const token = await odd.sign(githubClaims(odd, Date.now()));
    await expect(trusted.verify(token)).rejects.toMatchObject({ code: 'oidc.issuer_down' });
    expect(odd.keyRequests()).toBe(0);
    await odd.close();
  });
});

/** The other valid ECDSA signature of the same: s becomes n − s. */
function mirrorSignature(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const mirrored = Buffer.from((n - s).toString(16).padStart(64, '0'), 'hex');
  return `${header}.${payload}.${Buffer.concat([bytes.subarray(0, 32), mirrored]).toString('base64url')}`;
}
