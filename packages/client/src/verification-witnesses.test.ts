import { cosignCheckpoint, parseWitnessPolicy, witnessVerifierOf, type Standing } from '@sheaf/bundle';
import { parseNamespace, parseWorkflowName } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { createTestLog, testKey } from './testing/test-log.js';
import { createTestRegistry, ORIGIN, type Published } from './testing/test-registry.js';
import { failsAt, freshnessOf, NOW_MS, policyWith, requestFor, trusting } from './testing/verifying.js';
import { verifyWorkflow } from './verify.js';

const SEEDS = { one: 31, two: 32 } as const;
const verifierOf = (name: keyof typeof SEEDS) =>
  witnessVerifierOf(`${name}.example.net`, testKey(SEEDS[name]).publicKey.raw).text;
const WITNESSES = `witness one ${verifierOf('one')}\nwitness two ${verifierOf('two')}\n`;
const BOTH = parseWitnessPolicy(`${WITNESSES}group both all one two\nquorum both\n`, 'witness.policy');

/** A note with the cosignatures of these witnesses, made `ageMs` ago. */
function cosign(note: string, names: readonly (keyof typeof SEEDS)[], ageMs = 0): string {
  const seconds = Math.floor((NOW_MS - ageMs) / 1000);
  const lines = names.map((name) =>
    cosignCheckpoint(note, `${name}.example.net`, testKey(SEEDS[name]), seconds),
  );
  return note + lines.join('');
}

function yankOf({ version }: Pick<Published, 'version'>) {
  const [ns, name] = [parseNamespace('acme'), parseWorkflowName('deploy')];
  return { type: 'yank', ns, name, version, reason: 'broken' } as const;
}

async function setUp() {
  const registry = createTestRegistry();
  const published = await registry.publish();
  registry.grow(4);
  const { freshness } = freshnessOf(registry);
  return { registry, published, freshness };
}

describe('a witness quorum', () => {
  it('is met by the newest checkpoint, whatever the receipt has', async () => {
    const { registry, published, freshness } = await setUp();
    const note = cosign(freshness.note, ['one', 'two']);
    const steps: string[] = [];
    await verifyWorkflow(
      requestFor(registry, published, {
        freshness: { ...freshness, note },
        policy: trusting({ witnesses: BOTH }),
        onStep: ({ detail }) => steps.push(detail),
      }),
    );
    expect(steps[0]).toBe('checkpoint 7 signed, cosigned by 2 of 2 witnesses');
  });

  it('is asked of the very checkpoint that is kept, also when that of a standing without events is newer', async () => {
    const { registry, published, freshness } = await setUp();
    const note = cosign(freshness.note, ['one', 'two']);
    const evil = createTestRegistry(registry.log.fork(registry.log.size()));
    evil.grow(1);
    const { state, freshness: asked } = freshnessOf(registry);
    const input = {
      standings: [await evil.standing()],
      freshness: { ...asked, note, fetchTile: evil.log.fetchTile },
      policy: trusting({ witnesses: BOTH }),
    };
    await failsAt('log', 'witness.quorum', requestFor(registry, published, input));
    expect(state.pin.realms.size).toBe(0);
    const standings = [{ events: [], checkpoint: cosign(evil.log.checkpoint(), ['one', 'two']) }];
    await verifyWorkflow(requestFor(registry, published, { ...input, standings }));
    expect(state.pin.realms.get('public')?.checkpoint).toBe(standings[0]?.checkpoint);
  });

  it('is not met by one witness of two, nor by none', async () => {
    const { registry, published, freshness } = await setUp();
    for (const names of [['one'], []] as const) {
      const note = cosign(freshness.note, names);
      const input = { freshness: { ...freshness, note }, policy: trusting({ witnesses: BOTH }) };
      const error = await failsAt('log', 'witness.quorum', requestFor(registry, published, input));
      expect(error.message).toContain(`${names.length} of 2 witnesses`);
    }
  });

  it('is asked of the receipt offline', async () => {
    const { registry, published } = await setUp();
    const policy = trusting({ witnesses: BOTH });
    await failsAt('log', 'witness.quorum', requestFor(registry, published, { policy }));
    const checkpoint = cosign(published.receipt.checkpoint, ['one', 'two']);
    const receipt = { ...published.receipt, checkpoint };
    await verifyWorkflow(requestFor(registry, published, { policy, receipt }));
  });

  it('is asked offline of every checkpoint that something is taken from', async () => {
    const { registry, published } = await setUp();
    const yanked = await registry.standing(registry.append(yankOf(published)));
    const policy = trusting({ witnesses: BOTH });
    const checkpoint = cosign(published.receipt.checkpoint, ['one', 'two']);
    const receipt = { ...published.receipt, checkpoint };
    const offline = (standing: Standing) =>
      requestFor(registry, published, { policy, receipt, standings: [standing] });
    await failsAt('log', 'witness.quorum', offline(yanked));
    await verifyWorkflow(offline({ ...yanked, checkpoint: cosign(yanked.checkpoint, ['one', 'two']) }));
    await verifyWorkflow(offline({ events: [], checkpoint: yanked.checkpoint }));
  });

  it('is asked online of a standing that is newer than what the log shows', async () => {
    const { registry, published, freshness } = await setUp();
    const yanked = await registry.standing(registry.append(yankOf(published)));
    const online = (standing: Standing) =>
      requestFor(registry, published, {
        freshness: { ...freshness, note: cosign(freshness.note, ['one', 'two']) },
        policy: trusting({ witnesses: BOTH }),
        standings: [standing],
      });
    await failsAt('log', 'witness.quorum', online(yanked));
    await verifyWorkflow(online({ ...yanked, checkpoint: cosign(yanked.checkpoint, ['one', 'two']) }));
  });

  it('does not count a wrong cosignature of a known witness', async () => {
    const { registry, published, freshness } = await setUp();
    const other = cosign(registry.log.checkpoint(3), ['one', 'two']).split('\n').slice(-3).join('\n');
    const input = {
      freshness: { ...freshness, note: freshness.note + other },
      policy: trusting({ witnesses: BOTH }),
    };
    await failsAt('log', 'witness.signature', requestFor(registry, published, input));
  });

  it('is not asked of logs that the policy does not name', async () => {
    const { registry, published, freshness } = await setUp();
    const named = (logKey: string) =>
      parseWitnessPolicy(`log ${logKey}\n${WITNESSES}group both all one two\nquorum both\n`, 'w');
    const policy = trusting({ witnesses: named(registry.log.logKey) });
    await failsAt('log', 'witness.quorum', requestFor(registry, published, { freshness, policy }));
    const other = named(createTestLog({ origin: 'x.example/log/public', key: testKey(77) }).logKey);
    await verifyWorkflow(
      requestFor(registry, published, { freshness, policy: trusting({ witnesses: other }) }),
    );
  });
});

describe('max_age', () => {
  const HOUR_MS = 3_600_000;
  const place = { file: 'trust.toml', line: 3 };
  const limited = policyWith({
    registries: [{ origin: ORIGIN, maxAgeMs: HOUR_MS, place, layer: 'user' }],
  });
  const ANY = parseWitnessPolicy(`${WITNESSES}quorum none\n`, 'witness.policy');

  it('is counted online by the clock of a witness', async () => {
    const { registry, published, freshness } = await setUp();
    const aged = (ageMs: number) =>
      requestFor(registry, published, {
        freshness: { ...freshness, note: cosign(freshness.note, ['two'], ageMs) },
        policy: trusting({ policy: limited, witnesses: ANY }),
      });
    await verifyWorkflow(aged(HOUR_MS));
    const error = await failsAt('log', 'log.stale', aged(2 * HOUR_MS + 60_000));
    expect(error.message).toContain('is 2 h old, and trust.toml:3 allows 60 min');
  });

  it('is not met online without a witness', async () => {
    const { registry, published, freshness } = await setUp();
    const policy = trusting({ policy: limited });
    const error = await failsAt('log', 'log.stale', requestFor(registry, published, { freshness, policy }));
    expect(error.hint).toContain('witness.policy');
  });

  it('is not met by one young cosignature of a quorum, nor by one of a time to come', async () => {
    const { registry, published, freshness } = await setUp();
    const aged = (oneMs: number, twoMs: number) =>
      requestFor(registry, published, {
        freshness: { ...freshness, note: cosign(cosign(freshness.note, ['one'], oneMs), ['two'], twoMs) },
        policy: trusting({ policy: limited, witnesses: BOTH }),
      });
    await verifyWorkflow(aged(HOUR_MS, 0));
    // Clocks differ a little.
    await verifyWorkflow(aged(HOUR_MS, -5 * 60_000));
    const late = await failsAt('log', 'log.stale', aged(2 * HOUR_MS, 0));
    expect(late.message).toContain('is 2 h old');
    await failsAt('log', 'log.stale', aged(2 * HOUR_MS, -10 * 365 * 24 * HOUR_MS));
    const ahead = await failsAt('log', 'log.stale', aged(0, -5 * 60_000 - 1000));
    expect(ahead.message).toContain('nothing shows how old');
    expect(ahead.hint).toContain('clock');
  });

  it('is met by the youngest that make a quorum, however old or wrong the others are', async () => {
    const { registry, published, freshness } = await setUp();
    const either = parseWitnessPolicy(`${WITNESSES}group either any one two\nquorum either\n`, 'w');
    for (const other of [9 * HOUR_MS, -9 * HOUR_MS]) {
      const note = cosign(cosign(freshness.note, ['one'], other), ['two'], HOUR_MS);
      const policy = trusting({ policy: limited, witnesses: either });
      await verifyWorkflow(requestFor(registry, published, { freshness: { ...freshness, note }, policy }));
    }
  });

  it('is counted offline from when the log was last asked', async () => {
    const { registry, published } = await setUp();
    const policy = trusting({ policy: limited });
    const checkedAt = (ageMs: number) => {
      const seen = {
        checkpoint: registry.log.checkpoint(),
        checkedAt: new Date(NOW_MS - ageMs).toISOString(),
      };
      return { ...registry.pin(), realms: new Map([['public', seen]]) };
    };
    await verifyWorkflow(requestFor(registry, published, { policy, pin: checkedAt(HOUR_MS) }));
    await failsAt(
      'log',
      'log.stale',
      requestFor(registry, published, { policy, pin: checkedAt(HOUR_MS + 1) }),
    );
    await failsAt(
      'log',
      'log.stale',
      requestFor(registry, published, { policy, pin: checkedAt(-24 * HOUR_MS) }),
    );
    await failsAt('log', 'log.stale', requestFor(registry, published, { policy }));
  });
});

it('refuses a pin whose log key is not the one that a rule names', async () => {
  const { registry, published } = await setUp();
  const rule = (logKey: string, layer: 'user' | 'project') =>
    trusting({
      policy: policyWith({
        registries: [{ origin: ORIGIN, logKey, place: { file: 'trust.toml', line: 2 }, layer }],
      }),
    });
  const { logKey } = registry.log;
  await verifyWorkflow(requestFor(registry, published, { policy: rule(logKey, 'user') }));
  await failsAt('log', 'log.key_changed', requestFor(registry, published, { policy: rule('other', 'user') }));
  await verifyWorkflow(requestFor(registry, published, { policy: rule('other', 'project') }));
});
