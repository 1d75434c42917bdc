import type { KeyId } from '@sheaf/bundle';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combinePolicies } from './combine-policies.js';
import { decide, type ReleaseFacts, type Verdict } from './decide.js';
import { specificityOf } from './glob.js';
import type { AcceptedPublisher, PolicyLayer, TrustMode, TrustPolicy } from './trust-policy.js';

const KEYS = ['a', 'b', 'c', 'd'].map((c) => c.repeat(64) as KeyId);
const [A, B, C] = KEYS as [KeyId, KeyId, KeyId, KeyId];
const ORIGIN = 'wf.example.com';
const HOUR_MS = 3_600_000;
const PUBLISHED_MS = 1_800_000_000_000;

type Rule = PolicyLayer['publishers'][number];
const rule = (changes: Partial<Rule>): Rule => ({
  namespace: 'acme',
  keys: [A],
  threshold: 1,
  deny: false,
  place: { file: 'trust.toml', line: 5 },
  ...changes,
});
const layer = (changes: Partial<PolicyLayer> = {}): PolicyLayer => ({
  file: 'trust.toml',
  registries: [],
  publishers: [],
  ...changes,
});
const userPolicy = (changes: Partial<PolicyLayer>): TrustPolicy =>
  combinePolicies({ user: layer(changes) }, { ci: false });
const signedBy = (...keys: readonly KeyId[]): ReleaseFacts['signers'] =>
  keys.map((keyid) => ({ keyid, addedIndex: 1, addedAtSeconds: 1_700_000_000, recovered: false }));
const acceptedWith = (keys: readonly KeyId[], threshold = keys.length): AcceptedPublisher => ({
  registry: '0'.repeat(64),
  origin: ORIGIN,
  namespace: 'acme',
  keys,
  threshold,
  acceptedAt: '2026-03-01T00:00:00.000Z',
  how: 'asked',
});
const facts = (changes: Partial<ReleaseFacts> = {}): ReleaseFacts => ({
  origin: ORIGIN,
  namespace: 'acme',
  id: 'acme/deploy',
  version: '1.0.0',
  signers: signedBy(A),
  standing: { state: 'active' },
  publishedAtMs: PUBLISHED_MS,
  accepted: undefined,
  endorsed: new Set(),
  ...changes,
});
const at = (ageMs = 10 * HOUR_MS, allowYoung = false) => ({ nowMs: PUBLISHED_MS + ageMs, allowYoung });
const codeOf = (verdict: Verdict) => (verdict.verdict === 'refuse' ? verdict.code : verdict.verdict);
const outcome = (policy: TrustPolicy, changes: Partial<ReleaseFacts> = {}, when = at()) =>
  codeOf(decide(policy, facts(changes), when));

describe('a rule', () => {
  it('allows its keys and no others, and names its place', () => {
    const policy = userPolicy({ publishers: [rule({})] });
    expect(outcome(policy)).toBe('allow');
    const refused = decide(policy, facts({ signers: signedBy(B) }), at());
    expect(refused).toMatchObject({ code: 'publisher.not_allowed' });
    expect(refused).toMatchObject({ message: expect.stringContaining('trust.toml:5') as string });
    expect(refused).toMatchObject({
      hint: expect.stringContaining(`sheaf trust add acme --key ${B}`) as string,
    });
  });

  it('asks for as many of its keys as its threshold says', () => {
    const policy = userPolicy({ publishers: [rule({ keys: [A, B], threshold: 2 })] });
    expect(outcome(policy)).toBe('publisher.not_allowed');
    expect(outcome(policy, { signers: signedBy(A, A, C) })).toBe('publisher.not_allowed');
    expect(outcome(policy, { signers: signedBy(C, B, A) })).toBe('allow');
  });

  it('with the longest pattern wins, one for the registry before one for any', () => {
    const broad = rule({ namespace: 'ac*', keys: [B] });
    expect(outcome(userPolicy({ publishers: [broad, rule({})] }))).toBe('allow');
    expect(
      outcome(userPolicy({ publishers: [rule({ namespace: 'acm*', keys: [B] }), rule({ namespace: '*' })] })),
    ).toBe('publisher.not_allowed');
    const here = rule({ registry: ORIGIN, keys: [B] });
    expect(outcome(userPolicy({ publishers: [rule({}), here] }))).toBe('publisher.not_allowed');
    const elsewhere = rule({ registry: 'other.example.com', keys: [B] });
    expect(outcome(userPolicy({ publishers: [rule({}), elsewhere] }))).toBe('allow');
    expect(specificityOf('acme')).toBeGreaterThan(specificityOf('acme*'));
  });

  it('that was accepted at first use means nothing beside it', () => {
    const policy = userPolicy({ publishers: [rule({ keys: [B] })] });
    expect(outcome(policy, { accepted: acceptedWith([A]) })).toBe('publisher.not_allowed');
  });

  it('of a project is asked for as well, and allows nobody', () => {
    const project = layer({ publishers: [rule({ keys: [B] })] });
    const both = { user: layer({ publishers: [rule({ keys: [A, B] })] }), project };
    const policy = combinePolicies(both, { ci: false });
    expect(outcome(policy)).toBe('publisher.not_allowed');
    expect(outcome(policy, { signers: signedBy(B) })).toBe('allow');
    const alone = combinePolicies({ project }, { ci: true });
    expect(outcome(alone, { signers: signedBy(B) })).toBe('publisher.not_allowed');
  });
});

describe('without a rule', () => {
  const tofu = userPolicy({});

  it('asks at the first use, and refuses where nobody watches', () => {
    expect(outcome(tofu)).toBe('ask');
    const ci = decide(combinePolicies({}, { ci: true }), facts(), at());
    expect(ci).toMatchObject({
      code: 'publisher.not_allowed',
      message: expect.stringContaining('CI=true') as string,
    });
    expect(ci).toMatchObject({ hint: `sheaf trust add acme --key ${A} --registry ${ORIGIN}` });
    expect(outcome(combinePolicies({ user: layer({ mode: 'tofu' }) }, { ci: true }))).toBe('ask');
    expect(outcome(userPolicy({ mode: 'deny', publishers: [rule({})] }))).toBe('publisher.not_allowed');
  });

  it('holds later releases to the keys of the first', () => {
    const accepted = acceptedWith([A]);
    expect(outcome(tofu, { accepted })).toBe('allow');
    expect(outcome(tofu, { accepted, signers: signedBy(A, B) })).toBe('allow');
    const changed = decide(tofu, facts({ accepted, signers: signedBy(B) }), at());
    expect(changed).toMatchObject({
      code: 'signer.changed',
      message: expect.stringContaining('2026-03-01') as string,
    });
    expect(changed).toMatchObject({
      hint: expect.stringContaining(`sheaf trust add acme --key ${B}`) as string,
    });
  });

  it('calls fewer signers than accepted a downgrade, and a key by recovery a recovery', () => {
    const accepted = acceptedWith([A, B]);
    const down = decide(tofu, facts({ accepted }), at());
    expect(down).toMatchObject({
      code: 'signer.downgraded',
      hint: expect.stringContaining('--threshold 1') as string,
    });
    expect(outcome(tofu, { accepted, signers: signedBy(A, C) })).toBe('signer.changed');
    const recovered = signedBy(B).map((each) => ({ ...each, recovered: true }));
    expect(outcome(tofu, { accepted: acceptedWith([A]), signers: recovered })).toBe('key.recovery');
  });

  it('takes keys that accepted ones vouch for only when the policy says so', () => {
    const change = { accepted: acceptedWith([A]), signers: signedBy(B), endorsed: new Set([B]) };
    expect(outcome(tofu, change)).toBe('signer.changed');
    expect(outcome(userPolicy({ onSignerChange: 'endorsed' }), change)).toBe('allow');
    const none = { ...change, endorsed: new Set([C]) };
    expect(outcome(userPolicy({ onSignerChange: 'endorsed' }), none)).toBe('signer.changed');
  });
});

describe('state and age', () => {
  it('refuses what is quarantined always, and what is yanked when told so', () => {
    const yanked = { standing: { state: 'yanked', reason: 'broken', stateIndex: 9 } } as const;
    expect(outcome(userPolicy({}), yanked)).toBe('ask');
    expect(outcome(userPolicy({ onYanked: 'error' }), yanked)).toBe('state.yanked');
    const quarantined = { standing: { state: 'quarantined' } } as const;
    expect(outcome(userPolicy({}), { ...quarantined, accepted: acceptedWith([A]) })).toBe(
      'state.quarantined',
    );
    expect(outcome(userPolicy({ publishers: [rule({})] }), quarantined)).toBe('state.quarantined');
  });

  it('holds a release back until it is old enough, by the closest rule', () => {
    const general = { minReleaseAgeMs: 24 * HOUR_MS };
    const policy = userPolicy({ ...general, publishers: [rule({})] });
    expect(outcome(policy, {}, at(24 * HOUR_MS - 1))).toBe('release.too_young');
    expect(outcome(policy, {}, at(24 * HOUR_MS))).toBe('allow');
    expect(outcome(policy, {}, at(0, true))).toBe('allow');
    const sooner = userPolicy({ ...general, publishers: [rule({ minReleaseAgeMs: HOUR_MS })] });
    expect(outcome(sooner, {}, at(HOUR_MS))).toBe('allow');
    const project = layer({ minReleaseAgeMs: 2 * HOUR_MS });
    const user = layer({ ...general, publishers: [rule({ minReleaseAgeMs: HOUR_MS })] });
    expect(outcome(combinePolicies({ user, project }, { ci: false }), {}, at(HOUR_MS))).toBe(
      'release.too_young',
    );
  });
});

const someKeys = fc.uniqueArray(fc.constantFrom(...KEYS), { minLength: 1 });
const someRule: fc.Arbitrary<Rule> = fc
  .record({
    namespace: fc.constantFrom('acme', 'ac*', '*', '*e', 'other', 'acme*'),
    registry: fc.option(fc.constantFrom(ORIGIN, 'other.example.com'), { nil: undefined }),
    keys: someKeys,
    threshold: fc.integer({ min: 1, max: 3 }),
    minReleaseAgeMs: fc.option(fc.integer({ min: 0, max: 20 * HOUR_MS }), { nil: undefined }),
    deny: fc.boolean(),
  })
  .map(({ registry, minReleaseAgeMs, ...rest }) =>
    rule({
      ...rest,
      ...(registry === undefined ? {} : { registry }),
      ...(minReleaseAgeMs === undefined ? {} : { minReleaseAgeMs }),
    }),
  );
const someLayer: fc.Arbitrary<PolicyLayer> = fc
  .record(
    {
      mode: fc.constantFrom<TrustMode>('tofu', 'allowlist', 'deny'),
      minReleaseAgeMs: fc.integer({ min: 0, max: 20 * HOUR_MS }),
      onSignerChange: fc.constantFrom('error' as const, 'endorsed' as const),
      onYanked: fc.constantFrom('warn' as const, 'error' as const),
      publishers: fc.array(someRule, { maxLength: 4 }),
    },
    { requiredKeys: ['publishers'] },
  )
  .map((parts) => layer(parts));
const someFacts: fc.Arbitrary<ReleaseFacts> = fc
  .record({
    signers: someKeys.map((keys) => signedBy(...keys)),
    accepted: fc.option(
      someKeys.map((keys) => acceptedWith(keys)),
      { nil: undefined },
    ),
    endorsed: someKeys.map((keys) => new Set(keys)),
    standing: fc.constantFrom({ state: 'active' }, { state: 'yanked' }, { state: 'quarantined' } as const),
  })
  .map((parts) => facts(parts as Partial<ReleaseFacts>));
const RANK = { refuse: 0, ask: 1, allow: 2 } as const;

describe('whatever the policy and the release', () => {
  it('a rule that denies wins', () => {
    fc.assert(
      fc.property(someLayer, someLayer, someFacts, fc.boolean(), (user, machine, release, ci) => {
        const denying = {
          ...machine,
          publishers: [...machine.publishers, rule({ namespace: '*e', deny: true })],
        };
        const policy = combinePolicies({ user, machine: denying }, { ci });
        expect(codeOf(decide(policy, release, at()))).toBe('publisher.not_allowed');
      }),
    );
  });

  it('a project never allows more than what stands without it', () => {
    const layers = fc.record({ user: someLayer, machine: someLayer }, { requiredKeys: [] });
    const age = fc.integer({ min: 0, max: 21 * HOUR_MS });
    fc.assert(
      fc.property(layers, someLayer, someFacts, fc.boolean(), age, (base, project, release, ci, ageMs) => {
        const without = decide(combinePolicies(base, { ci }), release, at(ageMs));
        const joined = decide(combinePolicies({ ...base, project }, { ci }), release, at(ageMs));
        expect(RANK[joined.verdict]).toBeLessThanOrEqual(RANK[without.verdict]);
      }),
      { numRuns: 1000 },
    );
  });

  it('nothing is allowed without a rule or an acceptance, and nothing quarantined at all', () => {
    fc.assert(
      fc.property(someLayer, someFacts, fc.boolean(), (user, release, ci) => {
        const policy = combinePolicies({ user: { ...user, publishers: [] } }, { ci });
        const verdict = decide(policy, { ...release, accepted: undefined }, at());
        expect(verdict.verdict).not.toBe('allow');
        const held = { ...release, standing: { state: 'quarantined' as const } };
        expect(decide(combinePolicies({ user }, { ci }), held, at()).verdict).toBe('refuse');
      }),
    );
  });
});
