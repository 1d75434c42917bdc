import { cosignCheckpoint, parseLeaf, parseWitnessPolicy, witnessVerifierOf } from '@sheaf/bundle';
import { describe, expect, it } from 'vitest';
import { createWorldLog } from '../../../bundle/src/testing/world-log.js';
import { ClientError } from '../errors.js';
import { memoryStore, serveLog, type ServedLog } from '../testing/audited-log.js';
import { A, auditOf, B, failureOf, honest, PIN, RELEASE, STRANGER } from '../testing/honest-audit.js';
import { testKey } from '../testing/test-log.js';
import { openLogAudit } from './audit-log.js';

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
