import { encodeBase64, spkiOf, type KeyEphemeralLeaf, type KeyId, type SigningKey } from '@sheaf/bundle';
import { parseNamespace, parseWorkflowName } from '@sheaf/workflow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thrown } from '../testing/failure.js';
import { testKey } from '../testing/test-log.js';
import { createTestRegistry, type TestRegistry } from '../testing/test-registry.js';
import { failsAt, memoryTrust, policyWith, requestFor, trusting } from '../testing/verifying.js';
import { verifyWorkflow } from '../verify.js';
import { combinePolicies } from './combine-policies.js';
import { allowKeys, disallow } from './edit-policy.js';
import { parseTrustPolicy } from './parse-policy.js';
import { identityId, meetsOidc, type SignerIdentity } from './signer-identity.js';

const GITHUB = 'https://token.actions.githubusercontent.com';
const REPOSITORY: SignerIdentity = {
  issuer: GITHUB,
  identity: { repository_id: '1296269', repository_owner_id: '583231' },
  claims: { repository: 'acme/deploy', ref: 'refs/tags/v1.0.0' },
};

/** A job's key in the log; answers its index. */
function addJob(registry: TestRegistry, key: SigningKey, changes: Partial<KeyEphemeralLeaf> = {}): number {
  return registry.append({
    type: 'key.ephemeral',
    ns: parseNamespace('acme'),
    name: parseWorkflowName('deploy'),
    keyid: key.publicKey.id,
    key: encodeBase64(spkiOf(key.publicKey)),
    exp: 1_800_000_900,
    ...REPOSITORY,
    ...changes,
  });
}

async function publishBy(
  registry: TestRegistry,
  version: string,
  key: SigningKey,
  changes: Partial<KeyEphemeralLeaf> = {},
) {
  return registry.publish('acme/deploy', version, { signers: [[key, addJob(registry, key, changes)]] });
}

const policyOf = (text: string) =>
  policyWith(
    combinePolicies({ user: parseTrustPolicy(`version = 1\n${text}`, 'trust.toml') }, { ci: false }),
  );
const ruled = (oidc: string, more = '') =>
  trusting({
    policy: policyOf(`[[publisher]]\nnamespace = "acme"\noidc = ${oidc}\n${more}`),
    askPublisher: undefined,
  });

describe('a release that a CI job has signed', () => {
  it('is accepted at first use by who the job is, and so is the next one, with another key', async () => {
    const registry = createTestRegistry();
    const trust = memoryTrust();
    const first = await publishBy(registry, '1.0.0', testKey(21));
    const verified = await verifyWorkflow(requestFor(registry, first, { trust }));
    expect(verified.decision.kind).toBe('first-use');
    expect(verified.signers.map(({ id }) => id)).toEqual([testKey(21).publicKey.id]);
    expect([...trust.kept.values()]).toMatchObject([{ keys: [identityId(REPOSITORY)], threshold: 1 }]);

    const claims = { repository: 'acme/renamed', ref: 'refs/tags/v1.1.0' };
    const next = await publishBy(registry, '1.1.0', testKey(22), { claims });
    const nobody = trusting({ askPublisher: undefined });
    expect((await verifyWorkflow(requestFor(registry, next, { trust, policy: nobody }))).decision.kind).toBe(
      'accepted',
    );
  });

  it.each<[string, Partial<KeyEphemeralLeaf>]>([
    ['another repository', { identity: { repository_id: '7', repository_owner_id: '583231' } }],
    [
      'a repository of the same name of another owner',
      { identity: { repository_id: '1296269', repository_owner_id: '1' } },
    ],
    ['another issuer', { issuer: 'https://gitlab.example.com' }],
  ])('is a change of signer when the next one is of %s', async (_, changes) => {
    const registry = createTestRegistry();
    const trust = memoryTrust();
    await verifyWorkflow(requestFor(registry, await publishBy(registry, '1.0.0', testKey(21)), { trust }));
    const next = await publishBy(registry, '1.1.0', testKey(22), changes);
    const error = await failsAt('policy', 'signer.changed', requestFor(registry, next, { trust }));
    expect(error.message).toContain(changes.issuer ?? GITHUB);
  });

  it('is a change of signer after releases that the namespace’s key has signed, and the other way round', async () => {
    const registry = createTestRegistry();
    const byKey = await registry.publish('acme/deploy', '1.0.0');
    const byJob = await publishBy(registry, '1.1.0', testKey(21));
    for (const [before, after] of [
      [byKey, byJob],
      [byJob, byKey],
    ] as const) {
      const trust = memoryTrust();
      await verifyWorkflow(requestFor(registry, before, { trust }));
      await failsAt('policy', 'signer.changed', requestFor(registry, after, { trust }));
    }
  });

  it.each<[string, Partial<KeyEphemeralLeaf>, 'key.unauthorised' | 'key.expired']>([
    ['another workflow', { name: parseWorkflowName('other') }, 'key.unauthorised'],
    ['another namespace', { ns: parseNamespace('evil') }, 'key.unauthorised'],
    ['a time that was over', { exp: 1_799_999_999 }, 'key.expired'],
    ['a time of more than an hour', { exp: 1_800_003_601 }, 'key.unauthorised'],
  ])('is refused when its key is of %s', async (_, changes, code) => {
    const registry = createTestRegistry();
    await failsAt(
      'signer',
      code,
      requestFor(registry, await publishBy(registry, '1.0.0', testKey(21), changes)),
    );
  });

  it('is refused when two jobs signed it: together they are one', async () => {
    const registry = createTestRegistry();
    const [one, two] = [testKey(21), testKey(22)];
    const signers = [
      [one, addJob(registry, one)],
      [two, addJob(registry, two)],
    ] as const;
    const published = await registry.publish('acme/deploy', '1.0.0', { signers });
    await failsAt('signer', 'key.unauthorised', requestFor(registry, published));
  });
});

describe('a rule with oidc', () => {
  const verifyWith = async (policy: ReturnType<typeof trusting>) => {
    const registry = createTestRegistry();
    const published = await publishBy(registry, '1.0.0', testKey(21));
    return { registry, request: requestFor(registry, published, { policy }) };
  };

  it.each([
    ['its id', '{ issuer = "ISS", repository_id = "1296269" }'],
    ['the id of its owner', '{ issuer = "ISS", repository_owner_id = "583231" }'],
    ['its name, if anybody may have that', '{ issuer = "ISS", repository = "acme/deploy", any_job = true }'],
    [
      'its id, its name, and tags',
      '{ issuer = "ISS", repository_id = "1296269", repository = "acme/*", ref = "refs/tags/v*" }',
    ],
  ])('lets a job pass by %s', async (_, oidc) => {
    const { request } = await verifyWith(ruled(oidc.replace('ISS', GITHUB)));
    const { decision } = await verifyWorkflow(request);
    expect(decision).toMatchObject({ kind: 'rule', rule: { oidc: { issuer: GITHUB } } });
  });

  it.each([
    ['another issuer', '{ issuer = "https://github.example.com", repository_id = "1296269" }'],
    ['another repository', '{ issuer = "ISS", repository_id = "1" }'],
    ['a branch', '{ issuer = "ISS", repository_id = "1296269", ref = "refs/heads/*" }'],
    [
      'a claim that the log does not have',
      '{ issuer = "ISS", repository_id = "1296269", environment = "*" }',
    ],
    ['a claim that every object has', '{ issuer = "ISS", repository_id = "1296269", constructor = "*" }'],
  ])('lets no job pass that it asks %s of', async (_, oidc) => {
    const { request } = await verifyWith(ruled(oidc.replace('ISS', GITHUB)));
    const error = await failsAt('policy', 'publisher.not_allowed', request);
    expect(error.message).toContain('a job of');
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['the subject, where the log names a project', { project_id: '20', namespace_id: '4' }, 'sub = "x"'],
    ['one of two claims that name it together', { tenant: 'a', job_id: '7' }, 'job_id = "7"'],
    ['a pattern of what names it', { sub: 'system:x' }, 'sub = "system:*", tenant = "a"'],
  ])('of an issuer that is not known lets no job pass by %s', async (_, identity, claims) => {
    const registry = createTestRegistry();
    const issuer = 'https://ci.example.com';
    const job = {
      issuer,
      identity,
      claims: { ...(identity['sub'] === undefined && { sub: 'x' }), tenant: 'a' },
    };
    const published = await publishBy(registry, '1.0.0', testKey(21), job);
    const by = (rule: string) =>
      requestFor(registry, published, { policy: ruled(`{ issuer = "${issuer}", ${rule} }`) });
    await failsAt('policy', 'publisher.not_allowed', by(claims));
    const exact = Object.entries(identity).map(([name, value]) => `${name} = "${value}"`);
    expect((await verifyWorkflow(by(exact.join(', ')))).decision.kind).toBe('rule');
    expect((await verifyWorkflow(by(`${claims}, any_job = true`))).decision.kind).toBe('rule');
  });

  it('counts a job and a key as two, and a job that is named twice as one', async () => {
    const registry = createTestRegistry();
    const job = testKey(21);
    const both = await registry.publish('acme/deploy', '1.0.0', {
      signers: [
        [registry.key, 1],
        [job, addJob(registry, job)],
      ],
    });
    const oidc = `{ issuer = "${GITHUB}", repository_id = "1296269" }`;
    const withKey = ruled(oidc, `keys = ["${registry.key.publicKey.id}"]\nthreshold = 2\n`);
    expect((await verifyWorkflow(requestFor(registry, both, { policy: withKey }))).decision.kind).toBe(
      'rule',
    );
    const alone = await publishBy(registry, '1.1.0', testKey(22));
    await failsAt('policy', 'publisher.not_allowed', requestFor(registry, alone, { policy: withKey }));
    const twice = ruled(oidc, `keys = ["${identityId(REPOSITORY)}"]\nthreshold = 2\n`);
    await failsAt('policy', 'publisher.not_allowed', requestFor(registry, alone, { policy: twice }));
  });

  it.each([
    ['no issuer', 'oidc = { repository_id = "1" }', 'issuer is missing'],
    ['no claim', `oidc = { issuer = "${GITHUB}" }`, 'names no claims'],
    ['a claim that is no text', `oidc = { issuer = "${GITHUB}", repository_id = 1 }`, 'must be text'],
    ['a claim that no token has', `oidc = { issuer = "${GITHUB}", Repository = "a" }`, 'is no claim'],
    [
      'a claim called any_job',
      `oidc = { issuer = "${GITHUB}", a = "b", any_job = "yes" }`,
      'any_job must be true or false',
    ],
    ['text', 'oidc = "github"', 'is no table'],
    [
      'deny beside it',
      `deny = true\noidc = { issuer = "${GITHUB}", repository_id = "1" }`,
      'a rule that denies',
    ],
    [
      'a threshold of two',
      `threshold = 2\noidc = { issuer = "${GITHUB}", repository_id = "1" }`,
      'threshold is not from 1 to 1',
    ],
  ])('is refused with %s', async (_, lines, problem) => {
    const text = `version = 1\n[[publisher]]\nnamespace = "acme"\n${lines}\n`;
    const error = await thrown(() => parseTrustPolicy(text, 'trust.toml'), 'policy.invalid');
    expect(error.message).toContain(problem);
  });

  it('is changed by hand only, where a change would lose what it says', () => {
    const key = 'a'.repeat(64) as KeyId;
    const text = `version = 1\n[[publisher]]\nnamespace = "acme"\noidc = { issuer = "${GITHUB}", repository_id = "1" }\n`;
    const subject = { namespace: 'acme' };
    expect(() => allowKeys(text, 'trust.toml', subject, { keys: [key] })).toThrow('jobs of an issuer');
    const narrow = { namespace: 'acme', registry: 'wf.example.com' };
    expect(() => allowKeys(text, 'trust.toml', narrow, { keys: [key] })).toThrow('jobs of an issuer');
    const both = text.replace('oidc', `keys = ["${key}"]\noidc`);
    expect(() => disallow(both, 'trust.toml', subject, key)).toThrow('jobs of an issuer');
    expect(disallow(text, 'trust.toml', subject).text).not.toContain('oidc');
  });
});

describe('what stands for an identity', () => {
  const identity = fc.dictionary(
    fc.stringMatching(/^[a-z]{1,4}$/),
    fc.string({ minLength: 1, maxLength: 4 }),
    { minKeys: 1, maxKeys: 4 },
  );

  it('is the same for the same, in whatever order, and another for anything else', () => {
    fc.assert(
      fc.property(identity, identity, (a, b) => {
        const idOf = (claims: Record<string, string>) => identityId({ issuer: GITHUB, identity: claims });
        const reversed = Object.fromEntries(Object.entries(a).reverse());
        expect(idOf(reversed)).toBe(idOf(a));
        const isSame = JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
        expect(idOf(a) === idOf(b)).toBe(isSame);
      }),
    );
  });

  it('takes no claim that is told besides for one that never changes', () => {
    const claims = { repository_id: '7', ref: 'x' };
    const rule = { issuer: GITHUB, claims: [['repository_id', '7']] } as const;
    expect(meetsOidc(rule, { ...REPOSITORY, claims })).toBe(false);
  });
});
