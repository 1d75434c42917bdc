import {
  cosignCheckpoint,
  encodeLeaf,
  logVerifierOf,
  parseLeaf,
  parseWitnessPolicy,
  witnessVerifierOf,
  type Leaf,
} from '@sheaf/bundle';
import { parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { createWorldLog, type WorldLog } from '../../../bundle/src/testing/world-log.js';
import { ClientError, isVerificationFailure } from '../errors.js';
import { AUDIT_ORIGIN, memoryStore, serveLog, type ServedLog } from '../testing/audited-log.js';
import { testKey } from '../testing/test-log.js';
import type { AuditEvent } from './audit-event.js';
import { openLogAudit, type AuditDeps, type CatchUpOptions } from './audit-log.js';

const [A, B] = [testKey(11), testKey(12)];
const STRANGER = testKey(13);
const PIN = {
  origin: AUDIT_ORIGIN,
  logKey: logVerifierOf(`${AUDIT_ORIGIN}/log/public`, testKey(2).publicKey.raw).text,
};
const RELEASE = { name: parseWorkflowName('deploy'), version: parseVersion('1.0.0') };

/** An honest log: a namespace, a key at 1, a release at 2. */
function honest(): WorldLog {
  const log = createWorldLog();
  log.append({ type: 'ns.create' });
  log.addKey(A);
  log.publish('1.0.0', [A], [1]);
  return log;
}

function auditOf(
  served: ServedLog,
  options: {
    readonly store?: AuditDeps['store'];
    readonly realm?: string;
    readonly fromStart?: boolean;
  } = {},
) {
  const { store = memoryStore(), realm = 'public', fromStart = false } = options;
  const events: AuditEvent[] = [];
  const audit = openLogAudit({ ...served, store }, { pin: PIN, realm, fromStart, chunkEntries: 256 });
  const catchUp = (more: CatchUpOptions = {}) =>
    audit.catchUp({ onEvent: (event) => void events.push(event), ...more });
  return { events, catchUp };
}

async function failureOf(work: Promise<unknown>): Promise<ClientError> {
  try {
    await work;
  } catch (error) {
    if (isVerificationFailure(error)) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

/** The code and the place of the first violation in a log. */
async function violationOf(leaves: readonly Uint8Array[]) {
  const { catchUp, events } = auditOf(serveLog(leaves));
  const error = await failureOf(catchUp());
  return {
    code: error.code,
    at: events.length,
    evidence: error.verification?.evidence.map(({ name }) => name),
  };
}

describe('an audit', () => {
  it('asks for the cosignatures of a witness policy before it tells of anything', async () => {
    const name = 'one.example.net';
    const { text } = witnessVerifierOf(name, testKey(31).publicKey.raw);
    const witnesses = parseWitnessPolicy(`witness one ${text}\nquorum one\n`, 'witness.policy');
    const served = serveLog(honest().leaves);
    const events: number[] = [];
    const catchUp = (getCheckpoint: ServedLog['getCheckpoint']) =>
      openLogAudit(
        { ...served, getCheckpoint, store: memoryStore() },
        { pin: PIN, realm: 'public', witnesses },
      ).catchUp({ onEvent: ({ index }) => void events.push(index) });
    const error = await failureOf(catchUp(served.getCheckpoint));
    expect([error.code, events]).toEqual(['witness.quorum', []]);
    expect(error.verification?.evidence.map((each) => each.name)).toEqual(['latest-checkpoint']);
    const note = await served.getCheckpoint();
    const cosigned = note + cosignCheckpoint(note, name, testKey(31), 1_772_355_600);
    await catchUp(() => Promise.resolve(cosigned));
    expect(events).toEqual([0, 1, 2]);
  });

  it('tells again what could not be told', async () => {
    const store = memoryStore();
    const log = honest();
    const first = auditOf(serveLog(log.leaves), { store });
    const gone = new Error('gone');
    const told = first.catchUp({ onEvent: ({ index }) => (index < 2 ? undefined : Promise.reject(gone)) });
    await expect(told).rejects.toBe(gone);
    expect(await store.find()).toBeUndefined();
    const second = auditOf(serveLog(log.leaves), { store });
    await second.catchUp();
    expect(second.events.map(({ index }) => index)).toEqual(log.leaves.map((_, index) => index));
  });

  it('tells of every entry of an honest log, in order, and of its root', async () => {
    const log = honest();
    const second = log.addKey(B, [A]);
    log.setPolicy(2, [A, B]);
    log.publish('1.1.0', [B, A], [second, 1]);
    log.append({ type: 'deprecate', ...RELEASE, reason: 'old' });
    log.append({ type: 'yank', ...RELEASE, reason: 'broken' });
    log.append({ type: 'unyank', ...RELEASE });
    log.append({ type: 'quarantine', ...RELEASE, reason: 'malware' });
    log.append({ type: 'unquarantine', ...RELEASE });
    log.append({ type: 'ns.create' }, 'tools');
    log.revokeKey(A, [A, B], 2);
    log.addKey(STRANGER, [], true);
    const { catchUp, events } = auditOf(serveLog(log.leaves));
    const result = await catchUp();
    expect(events.map(({ index }) => index)).toEqual(log.leaves.map((_, index) => index));
    expect(events.map(({ type }) => type)).toContain('ns.policy');
    expect(result).toMatchObject({ entries: log.leaves.length, size: log.leaves.length, namespaces: 2 });
    expect(Buffer.from(result.root).toString('base64')).toBe(result.note.split('\n')[2]);
  });

  it('goes on where the last one ended, also from what was kept, and asks for nothing twice', async () => {
    const log = honest();
    const store = memoryStore();
    await auditOf(serveLog(log.leaves), { store }).catchUp();
    log.publish('1.1.0', [A], [1]);
    const later = auditOf(serveLog(log.leaves), { store });
    expect(await later.catchUp()).toMatchObject({ entries: 1, size: 4 });
    expect(later.events.map(({ index }) => index)).toEqual([3]);
    expect(await later.catchUp()).toMatchObject({ entries: 0, size: 4 });
    const again = auditOf(serveLog(log.leaves), { store, fromStart: true });
    expect(await again.catchUp()).toMatchObject({ entries: 4, size: 4 });
  });

  it('proves a long log in parts, keeps what it has proven when it is cut, and goes on from there', async () => {
    const leaves = Array.from({ length: 1400 }, (_, i) =>
      Buffer.from(`{"ns":"n${i}","prev":"","seq":0,"t":1,"type":"ns.create","v":1}`),
    );
    const store = memoryStore();
    const served = serveLog(leaves);
    const cut = {
      ...served,
      fetchEntries: (index: number, width: number) =>
        index >= 5
          ? Promise.reject(new ClientError('network.unreachable', 'cut'))
          : served.fetchEntries(index, width),
    };
    const first = auditOf(cut, { store });
    await expect(first.catchUp()).rejects.toThrow('cut');
    expect([first.events.length, (await store.find())?.size]).toEqual([1280, 1280]);
    expect(store.kept.length).toBe(5);
    const second = auditOf(served, { store });
    served.asked.length = 0;
    expect(await second.catchUp()).toMatchObject({ entries: 120, size: 1400 });
    expect(Math.min(...served.asked)).toBe(5);
    expect(second.events[0]?.index).toBe(1280);
  });

  it('of an empty log finds nothing', async () => {
    expect(await auditOf(serveLog([])).catchUp()).toMatchObject({ entries: 0, size: 0 });
  });

  it('reports a leaf of a type that it does not know, and goes on', async () => {
    const log = honest();
    const base = parseLeaf(log.leaves[2] ?? new Uint8Array());
    log.append({ type: 'unyank', ...RELEASE });
    const text = Buffer.from(log.leaves[3] ?? []).toString();
    const leaves = [...log.leaves.slice(0, 3), Buffer.from(text.replace('unyank', 'ns.rename'))];
    expect(base.ns).toBe('acme');
    const { catchUp, events } = auditOf(serveLog(leaves));
    expect(await catchUp()).toMatchObject({ size: 4 });
    expect(events[3]).toMatchObject({ type: 'ns.rename', leaf: undefined, namespace: 'acme' });
  });

  it('of a private namespace refuses the leaves of others', async () => {
    const log = createWorldLog();
    log.append({ type: 'ns.create' });
    const { catchUp } = auditOf(serveLog(log.leaves, { realm: 'acme' }), { realm: 'acme' });
    expect(await catchUp()).toMatchObject({ size: 1 });
    log.append({ type: 'ns.create' }, 'tools');
    const other = auditOf(serveLog(log.leaves, { realm: 'acme' }), { realm: 'acme' });
    expect((await failureOf(other.catchUp())).code).toBe('audit.leaf');
    const confused = auditOf(serveLog(log.leaves, { realm: 'tools' }), { realm: 'acme' });
    expect((await failureOf(confused.catchUp())).code).toBe('log.key_unknown');
  });
});

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

describe('an audit of a log that changes its past', () => {
  const before = honest();
  before.publish('1.1.0', [A], [1]);
  const other = honest();
  other.publish('1.1.1', [A], [1]);
  other.publish('1.2.0', [A], [1]);

  it.each([
    ['longer', other.leaves, 'log.fork'],
    ['of one size', other.leaves.slice(0, 4), 'log.fork'],
    ['shorter', before.leaves.slice(0, 3), 'log.rollback'],
  ])('refuses one that is %s with both notes', async (_, leaves, code) => {
    const store = memoryStore();
    await auditOf(serveLog(before.leaves), { store }).catchUp();
    const [honestNote, forkedNote] = await Promise.all(
      [serveLog(before.leaves), serveLog(leaves)].map((log) => log.getCheckpoint()),
    );
    const kept = [...store.kept];
    for (const fromStart of [false, true]) {
      const error = await failureOf(auditOf(serveLog(leaves), { store, fromStart }).catchUp());
      expect(error.code).toBe(code);
      expect(error.verification?.evidence).toEqual([
        { name: 'stored-checkpoint', text: honestNote },
        { name: 'latest-checkpoint', text: forkedNote },
      ]);
    }
    expect(store.kept).toEqual(kept);
  });

  it('holds it against the pinned checkpoint as well', async () => {
    const pinned = await serveLog(before.leaves).getCheckpoint();
    expect((await failureOf(auditOf(serveLog(other.leaves)).catchUp({ pinned }))).code).toBe('log.fork');
    expect((await failureOf(auditOf(serveLog(before.leaves.slice(0, 2))).catchUp({ pinned }))).code).toBe(
      'log.rollback',
    );
  });

  it('notices what another monitor saw meanwhile', async () => {
    const store = memoryStore();
    const mine = auditOf(serveLog(before.leaves.slice(0, 3)), { store });
    await mine.catchUp();
    const theirs = auditOf(serveLog(before.leaves), { store });
    await theirs.catchUp();
    const forked = auditOf(serveLog(other.leaves), { store });
    expect((await failureOf(forked.catchUp())).code).toBe('log.fork');
  });
});
