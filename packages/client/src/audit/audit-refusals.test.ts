import { encodeLeaf, logVerifierOf, parseLeaf, type Leaf } from '@sheaf/bundle';
import { parseVersion } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import type { WorldLog } from '../../../bundle/src/testing/world-log.js';
import { ClientError } from '../errors.js';
import { AUDIT_ORIGIN, memoryStore, serveLog } from '../testing/audited-log.js';
import {
  A,
  auditOf,
  B,
  failureOf,
  honest,
  PIN,
  RELEASE,
  STRANGER,
  violationOf,
} from '../testing/honest-audit.js';
import { openLogAudit } from './audit-log.js';

describe('an audit refuses', () => {
  it.each<readonly [string, string, (log: WorldLog) => unknown]>([
    ['a publish by a key that was never added', 'audit.authority', (log) => log.publish('1.1.0', [B], [1])],
    [
      'a publish that names another leaf as its authority',
      'audit.authority',
      (log) => log.publish('1.1.0', [A], [0]),
    ],
    [
      'a publish by a revoked key',
      'audit.authority',
      (log) => {
        log.revokeKey(A, [A]);
        log.publish('1.1.0', [A], [1]);
      },
    ],
    [
      'a publish by fewer keys than the policy asks for',
      'audit.authority',
      (log) => {
        log.addKey(B, [A]);
        log.setPolicy(2, [A, B]);
        log.publish('1.1.0', [A], [1]);
      },
    ],
    ['a key that no active key vouched for', 'audit.authority', (log) => log.addKey(B, [STRANGER])],
    ['a revocation by a stranger', 'audit.authority', (log) => log.revokeKey(A, [STRANGER])],
    ['a policy by a stranger', 'audit.authority', (log) => log.setPolicy(1, [STRANGER])],
    ['a version published twice', 'audit.duplicate', (log) => log.publish('1.0.0', [A], [1])],
    [
      'a state of what was never published',
      'audit.transition',
      (log) => log.append({ type: 'yank', ...RELEASE, version: parseVersion('9.0.0'), reason: 'x' }),
    ],
    [
      'a deprecation taken back that never was',
      'audit.transition',
      (log) => log.append({ type: 'undeprecate', ...RELEASE }),
    ],
    [
      'a yank taken back by another leaf',
      'audit.transition',
      (log) => {
        log.append({ type: 'deprecate', ...RELEASE, reason: 'x' });
        log.append({ type: 'unyank', ...RELEASE });
      },
    ],
    [
      'a quarantine undone by a publisher',
      'audit.transition',
      (log) => {
        log.append({ type: 'quarantine', ...RELEASE, reason: 'x' });
        log.append({ type: 'yank', ...RELEASE, reason: 'x' });
      },
    ],
    ['a namespace created twice', 'audit.chain', (log) => log.append({ type: 'ns.create' })],
    [
      'a namespace that begins with something else',
      'audit.chain',
      (log) => log.append({ type: 'yank', ...RELEASE, reason: 'x' }, 'tools'),
    ],
  ])('%s: %s', async (_, code, act) => {
    const log = honest();
    act(log);
    const bad = log.leaves.length - 1;
    expect(await violationOf(log.leaves)).toEqual({
      code,
      at: bad,
      evidence: [`leaf-${bad}`, 'latest-checkpoint'],
    });
  });

  /** The log with its last leaf changed. */
  function changed(change: (leaf: Leaf) => Leaf): readonly Uint8Array[] {
    const log = honest();
    log.publish('1.1.0', [A], [1]);
    const last = parseLeaf(log.leaves[3] ?? new Uint8Array());
    return [...log.leaves.slice(0, 3), encodeLeaf(change(last))];
  }

  it('a chain with a number left out, taken twice, or another predecessor', async () => {
    for (const change of [{ seq: 4 }, { seq: 2 }, { prev: 'f'.repeat(64) }]) {
      expect((await violationOf(changed((leaf) => ({ ...leaf, ...change })))).code).toBe('audit.chain');
    }
  });

  it('a time that runs backwards', async () => {
    expect((await violationOf(changed((leaf) => ({ ...leaf, t: leaf.t - 100 })))).code).toBe('audit.time');
  });

  it('what is no leaf', async () => {
    expect(await violationOf([...honest().leaves, Buffer.from('{}')])).toMatchObject({
      code: 'audit.leaf',
      at: 3,
    });
  });

  it('a leaf once, and goes on with those after it, which are refused each in its turn', async () => {
    const log = honest();
    log.append({ type: 'quarantine', ...RELEASE, reason: 'malware' });
    log.append({ type: 'yank', ...RELEASE, reason: 'x' });
    log.append({ type: 'unyank', ...RELEASE });
    log.publish('1.0.0', [A], [1]);
    log.publish('2.0.0', [STRANGER], [1]);
    const good = log.publish('1.1.0', [A], [1]);
    const store = memoryStore();
    const first = auditOf(serveLog(log.leaves), { store });
    const error = await failureOf(first.catchUp());
    expect([error.code, error.message]).toEqual([
      'audit.transition',
      'the leaf at log index 4 is a yank of acme/deploy@1.0.0, which is quarantined (and 2 more like it)',
    ]);
    expect(error.verification?.evidence.map(({ name }) => name)).toEqual([
      'leaf-4',
      'leaf-6',
      'leaf-7',
      'latest-checkpoint',
    ]);
    expect(first.events.map(({ index }) => index)).toEqual([0, 1, 2, 3, 5, good]);
    expect(await first.catchUp()).toMatchObject({ entries: 0, size: 9, refused: 3 });
    log.append({ type: 'unyank', ...RELEASE });
    const later = auditOf(serveLog(log.leaves), { store });
    expect((await failureOf(later.catchUp())).message).toMatch(/^the leaf at log index 9 is a unyank/);
    expect(await auditOf(serveLog(log.leaves), { store }).catchUp()).toMatchObject({
      entries: 0,
      refused: 4,
    });
    const again = auditOf(serveLog(log.leaves), { store, fromStart: true });
    expect((await failureOf(again.catchUp())).message).toMatch(/and 3 more like it/);
  });

  it('what it met before it was cut, when it gets to the end', async () => {
    const log = honest();
    log.append({ type: 'unyank', ...RELEASE });
    for (let i = 0; i < 600; i += 1) log.append({ type: 'ns.create' }, `n${i}`);
    const store = memoryStore();
    const served = serveLog(log.leaves);
    const cut = {
      ...served,
      fetchEntries: (index: number, width: number) =>
        index >= 2
          ? Promise.reject(new ClientError('network.unreachable', 'cut'))
          : served.fetchEntries(index, width),
    };
    await expect(auditOf(cut, { store }).catchUp()).rejects.toThrow('cut');
    expect((await store.find())?.size).toBe(512);
    const rest = auditOf(served, { store });
    expect((await failureOf(rest.catchUp())).verification?.evidence[0]?.name).toBe('leaf-3');
    expect(rest.events).toHaveLength(log.leaves.length - 512);
  });

  it('a broken chain the next time as well', async () => {
    const log = honest();
    log.append({ type: 'ns.create' });
    const { catchUp } = auditOf(serveLog(log.leaves));
    expect((await failureOf(catchUp())).code).toBe('audit.chain');
    expect((await failureOf(catchUp())).code).toBe('audit.chain');
  });

  it('entries that are not those of the tree, before it judges or keeps any', async () => {
    const { leaves } = honest();
    const store = memoryStore();
    const forged = honest();
    forged.publish('6.6.6', [STRANGER], [1]);
    const served = serveLog(leaves, {
      shown: (index) => (index === 2 ? forged.leaves[3] : leaves[index]) ?? new Uint8Array(),
    });
    const { catchUp, events } = auditOf(served, { store });
    expect((await failureOf(catchUp())).code).toBe('audit.root');
    expect([events, store.kept]).toEqual([[], []]);
  });

  it('a log that does not show its entries, or too few of them', async () => {
    const served = serveLog(honest().leaves);
    const hiding = auditOf({
      ...served,
      fetchEntries: () => Promise.reject(new ClientError('tile.not_found', 'no')),
    });
    expect((await failureOf(hiding.catchUp())).code).toBe('log.unproven');
    const short = auditOf({ ...served, fetchEntries: () => Promise.resolve(new Uint8Array()) });
    expect((await failureOf(short.catchUp())).code).toBe('log.tile_invalid');
  });

  it('a checkpoint that another key signed', async () => {
    const served = serveLog(honest().leaves);
    const audit = openLogAudit(
      { ...served, store: memoryStore() },
      {
        pin: { ...PIN, logKey: logVerifierOf(`${AUDIT_ORIGIN}/log/public`, STRANGER.publicKey.raw).text },
        realm: 'public',
      },
    );
    expect((await failureOf(audit.catchUp())).code).toBe('log.key_unknown');
  });
});
