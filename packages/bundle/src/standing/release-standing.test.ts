import { parseVersion, parseWorkflowName } from '@sheaf/workflow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeLeaf, parseLeaf } from '../log/leaf.js';
import { codeOf } from '../testing/codes.js';
import { signingKeyFromSeed } from '../keys/signing-key.js';
import { createWorldLog, type LeafBody, type WorldLog } from '../testing/world-log.js';
import { PUBLISHER, STRANGER } from '../testing/world.js';
import { bearsOn, checkStanding, isStateLeaf, stateAfter } from './release-standing.js';

const RELEASE = { name: parseWorkflowName('deploy'), version: parseVersion('1.0.0') };
const THIRD = signingKeyFromSeed(new Uint8Array(32).fill(9));

/** A log whose leaf 2 is the release, after which a test goes on. */
function published(): WorldLog & {
  readonly check: (...events: readonly number[]) => ReturnType<typeof checkStanding>;
} {
  const log = createWorldLog();
  log.append({ type: 'ns.create' });
  log.addKey(PUBLISHER);
  log.publish('1.0.0', [PUBLISHER], [1]);
  return { ...log, check: (...events) => checkStanding(placed(log, events), log.publishAt(2)) };
}

function placed(log: WorldLog, indexes: readonly number[]) {
  return indexes.map((index) => ({ index, leaf: log.leaves[index] ?? new Uint8Array(0) }));
}

describe('checkStanding', () => {
  it('finds a release of which the log says nothing more active', () => {
    expect(published().check()).toEqual({ state: 'active', threshold: 1, revocations: [] });
  });

  it('refuses what a key signed after it was revoked, and says what still counts', () => {
    const log = published();
    log.revokeKey(PUBLISHER, [PUBLISHER]);
    const late = log.publish('1.0.1', [PUBLISHER], [1]);
    expect(() => checkStanding(placed(log, [3]), log.publishAt(late))).toThrow(
      expect.objectContaining({
        code: 'key.revoked',
        hint: expect.stringContaining('before log index 3') as string,
      }) as Error,
    );
  });

  it('lets what a superseded key signed before stand', () => {
    const log = published();
    log.revokeKey(PUBLISHER, [PUBLISHER]);
    expect(log.check(3).revocations).toEqual([
      { keyid: PUBLISHER.publicKey.id, index: 3, reason: 'superseded' },
    ]);
  });

  it.each([
    [0, 'key.revoked'],
    [2, 'key.revoked'],
    [3, 'nothing'],
  ])('with a key that was compromised from index %i gives %s', (fromIndex, code) => {
    const log = published();
    log.revokeKey(PUBLISHER, [PUBLISHER], fromIndex);
    expect(codeOf(() => log.check(3))).toBe(code);
  });

  it('lets the strictest of several revocations of a key decide, in any order, and says what it leaves', () => {
    const log = published();
    const later = log.publish('1.0.1', [PUBLISHER], [1]);
    const superseded = log.revokeKey(PUBLISHER, [PUBLISHER]);
    const compromised = log.revokeKey(PUBLISHER, [STRANGER], later);
    for (const events of [
      [superseded, compromised],
      [compromised, superseded],
    ]) {
      expect(() => checkStanding(placed(log, events), log.publishAt(later))).toThrow(
        expect.objectContaining({
          code: 'key.revoked',
          message: expect.stringContaining(`compromised at log index ${compromised}`) as string,
          hint: expect.stringContaining(`before log index ${later}`) as string,
        }) as Error,
      );
      expect(log.check(...events).revocations.map(({ index }) => index)).toEqual([superseded, compromised]);
    }
  });

  it('refuses a release of which one key is revoked though others are not', () => {
    const log = published();
    const added = log.addKey(STRANGER, [PUBLISHER]);
    const both = log.publish('1.0.1', [PUBLISHER, STRANGER], [1, added]);
    const revoked = log.revokeKey(STRANGER, [PUBLISHER], both);
    expect(codeOf(() => checkStanding(placed(log, [revoked]), log.publishAt(both)))).toBe('key.revoked');
  });

  it('asks for as many keys as the policy that was in force, not a later one', () => {
    const log = published();
    const added = log.addKey(STRANGER, [PUBLISHER]);
    const policy = log.setPolicy(2, [PUBLISHER, STRANGER]);
    const alone = log.publishAt(log.publish('1.0.1', [PUBLISHER], [1]));
    const both = log.publishAt(log.publish('1.0.2', [PUBLISHER, STRANGER], [1, added]));
    const relaxed = log.setPolicy(1, [PUBLISHER, STRANGER], policy);
    expect(log.check(policy)).toMatchObject({ threshold: 1 });
    expect(log.check(policy).policyIndex).toBeUndefined();
    expect(codeOf(() => checkStanding(placed(log, [policy]), alone))).toBe('signature.threshold');
    expect(codeOf(() => checkStanding(placed(log, [policy, relaxed]), alone))).toBe('signature.threshold');
    expect(checkStanding(placed(log, [relaxed, policy]), both)).toMatchObject({
      threshold: 2,
      policyIndex: policy,
    });
    const later = log.publishAt(log.publish('1.0.3', [STRANGER], [added]));
    expect(checkStanding(placed(log, [relaxed, policy]), later)).toMatchObject({
      threshold: 1,
      policyIndex: relaxed,
    });
  });

  it.each<readonly [LeafBody, object]>([
    [
      { type: 'deprecate', ...RELEASE, reason: 'old', replacement: 'acme/deploy@2.0.0' },
      { state: 'deprecated', reason: 'old', replacement: 'acme/deploy@2.0.0' },
    ],
    [{ type: 'undeprecate', ...RELEASE }, { state: 'active' }],
    [
      { type: 'yank', ...RELEASE, reason: 'broken' },
      { state: 'yanked', reason: 'broken' },
    ],
    [{ type: 'unyank', ...RELEASE }, { state: 'active' }],
    [{ type: 'unyank', ...RELEASE, reason: 'mended' }, { state: 'active' }],
    [
      { type: 'quarantine', ...RELEASE, reason: 'malware' },
      { state: 'quarantined', reason: 'malware' },
    ],
    [{ type: 'unquarantine', ...RELEASE }, { state: 'active' }],
  ])('gives the state of the newest state leaf: %o', (body, expected) => {
    const log = published();
    log.append({ type: 'yank', ...RELEASE, reason: 'first' });
    log.append(body);
    expect(log.check(4, 3)).toEqual({ ...expected, stateIndex: 4, threshold: 1, revocations: [] });
  });

  it('refuses leaves that are not about the release', () => {
    const log = published();
    const others = [
      log.append({ type: 'yank', ...RELEASE, version: parseVersion('1.0.1'), reason: 'x' }),
      log.append({ type: 'yank', ...RELEASE, name: parseWorkflowName('other'), reason: 'x' }),
      log.append({ type: 'yank', ...RELEASE, reason: 'x' }, 'evil'),
      log.addKey(STRANGER, [PUBLISHER]),
      log.revokeKey(STRANGER, [PUBLISHER]),
      log.append({ type: 'ns.create' }, 'evil'),
      0,
      1,
      2,
    ];
    for (const other of others)
      expect(
        codeOf(() => log.check(other)),
        `leaf ${other}`,
      ).toBe('leaf.mismatch');
  });

  it('refuses events that no log can hold together', () => {
    const log = published();
    const yanked = log.append({ type: 'yank', ...RELEASE, reason: 'x' });
    const leaf = log.leaves[yanked] ?? new Uint8Array(0);
    const other = encodeLeaf({ ...parseLeaf(leaf), t: 1 });
    const publish = log.publishAt(2);
    for (const events of [
      [
        { index: 3, leaf },
        { index: 3, leaf: other },
      ],
      [{ index: 2, leaf }],
      [{ index: 1, leaf }],
    ]) {
      expect(codeOf(() => checkStanding(events, publish))).toBe('standing.invalid');
    }
  });

  it('gives one answer in any order and with any event twice, and the naive reading of the rules agrees', () => {
    const action = fc.constantFrom(
      'yank',
      'deprecate',
      'undeprecate',
      'unyank',
      'quarantine',
      'unquarantine',
      'superseded',
      'compromised',
      'policy1',
      'policy2',
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(action, fc.nat({ max: 20 })), { maxLength: 8 }),
        fc.nat({ max: 8 }),
        fc.boolean(),
        fc.array(fc.nat(), { minLength: 24, maxLength: 24 }),
        (actions, at, twoKeys, random) => {
          const log = createWorldLog();
          log.append({ type: 'ns.create' });
          const keys = twoKeys ? [PUBLISHER, STRANGER] : [PUBLISHER];
          let publish: number | undefined;
          const events: number[] = [];
          for (const [i, [what, from]] of [...actions.entries()]) {
            if (i === at)
              publish = log.publish(
                '1.0.0',
                keys,
                keys.map(() => 0),
              );
            if (what === 'superseded') events.push(log.revokeKey(PUBLISHER, [THIRD]));
            else if (what === 'compromised') events.push(log.revokeKey(PUBLISHER, [THIRD], from));
            else if (what === 'policy1') events.push(log.setPolicy(1, [THIRD]));
            else if (what === 'policy2') events.push(log.setPolicy(2, [THIRD]));
            else if (publish !== undefined)
              events.push(
                log.append({
                  type: what,
                  ...RELEASE,
                  ...(what.startsWith('un') ? {} : { reason: 'x' }),
                }),
              );
          }
          publish ??= log.publish(
            '1.0.0',
            keys,
            keys.map(() => 0),
          );
          const release = log.publishAt(publish);
          const shuffled = [...events, ...events.filter((_, i) => (random[i] ?? 0) % 2 === 0)]
            .map((event, i) => ({ event, key: random[i + 8] ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ event }) => event);
          const outcome = outcomeOf(() => checkStanding(placed(log, shuffled), release));
          expect(outcome).toEqual(outcomeOf(() => checkStanding(placed(log, events), release)));
          expect(outcome).toEqual(naive(log, events, publish, keys.length));
        },
      ),
      { numRuns: 300 },
    );
  });
});

function outcomeOf(call: () => { readonly state: string; readonly threshold: number }) {
  let found: { readonly state: string; readonly threshold: number } | undefined;
  const code = codeOf(() => (found = call()));
  return found === undefined ? code : { state: found.state, threshold: found.threshold };
}

/** The rules read aloud, one leaf after the other. */
function naive(log: WorldLog, events: readonly number[], publish: number, keys: number) {
  let state = 'active';
  let threshold = 1;
  let revoked = false;
  for (const index of events) {
    const leaf = parseLeaf(log.leaves[index] ?? new Uint8Array(0));
    if (leaf.type === 'key.revoke' && (index < publish || (leaf.fromIndex ?? Infinity) <= publish))
      revoked = true;
    if (leaf.type === 'ns.policy' && index < publish) threshold = leaf.threshold;
    if (isStateLeaf(leaf)) state = stateAfter(leaf.type);
  }
  if (revoked) return 'key.revoked';
  return keys < threshold ? 'signature.threshold' : { state, threshold };
}

describe('bearsOn', () => {
  it('holds for revocations of its keys, policies of its namespace and its own states, and for nothing else', () => {
    const log = published();
    const publish = log.publishAt(2).leaf;
    const bears = (index: number) => bearsOn(parseLeaf(log.leaves[index] ?? new Uint8Array(0)), publish);
    expect([0, 1, 2].map(bears)).toEqual([false, false, false]);
    expect(bears(log.revokeKey(PUBLISHER, [PUBLISHER]))).toBe(true);
    expect(bears(log.revokeKey(STRANGER, [PUBLISHER]))).toBe(false);
    expect(bears(log.setPolicy(1, [PUBLISHER]))).toBe(true);
    expect(bears(log.append({ type: 'unyank', ...RELEASE }))).toBe(true);
    expect(bears(log.append({ type: 'unyank', ...RELEASE }, 'evil'))).toBe(false);
  });
});
