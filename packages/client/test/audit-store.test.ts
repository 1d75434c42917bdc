import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logVerifierOf } from '@sheaf/bundle';
import { beforeEach, describe, expect, it } from 'vitest';
import { createWorldLog, type WorldLog } from '../../bundle/src/testing/world-log.js';
import { openLogAudit } from '../src/audit/audit-log.js';
import { openAuditStore, type AuditStore } from '../src/audit/audit-store.js';
import { AUDIT_ORIGIN, serveLog } from '../src/testing/audited-log.js';
import { testKey } from '../src/testing/test-log.js';

const KEY = testKey(11);
const PIN = {
  url: 'https://wf.example.com',
  origin: AUDIT_ORIGIN,
  logKey: logVerifierOf(`${AUDIT_ORIGIN}/log/public`, testKey(2).publicKey.raw).text,
};

let dir: string;
let log: WorldLog;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sheaf-audit-'));
  log = createWorldLog();
  log.append({ type: 'ns.create' });
  log.addKey(KEY);
});

function audit(store: AuditStore = openAuditStore(dir, PIN, 'public')) {
  return openLogAudit({ ...serveLog(log.leaves), store }, { pin: PIN, realm: 'public' }).catchUp();
}

function files(): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

describe('the memory of a monitor', () => {
  it('holds all that judging the next leaf needs', async () => {
    log.publish('1.0.0', [KEY], [1]);
    log.addKey(testKey(12), [KEY]);
    log.setPolicy(2, [KEY, testKey(12)]);
    log.revokeKey(testKey(12), [testKey(12)]);
    await audit();
    const kept = await openAuditStore(dir, PIN, 'public').find();
    expect(kept).toMatchObject({ size: 6 });
    expect(kept?.namespaces.get('acme')).toMatchObject({
      seq: 5,
      authority: { active: 1, threshold: 2, policyIndex: 4 },
      releases: new Map([['deploy@1.0.0', 'active']]),
    });
    log.publish('1.0.0', [KEY], [1]);
    await expect(audit()).rejects.toMatchObject({ code: 'audit.duplicate' });
  });

  it('is one file, which is replaced as a whole and never by less', async () => {
    await audit();
    const store = openAuditStore(dir, PIN, 'public');
    const early = await store.find();
    log.publish('1.0.0', [KEY], [1]);
    await audit();
    expect(files().length).toBe(1);
    if (early === undefined) throw new Error('kept');
    await store.save(early);
    expect((await store.find())?.size).toBe(3);
    expect(files().length).toBe(1);
    expect((await store.findNote())?.split('\n')[1]).toBe('3');
  });

  it('is kept apart for each log, and by each key', async () => {
    await audit();
    for (const store of [
      openAuditStore(dir, PIN, 'acme'),
      openAuditStore(dir, { ...PIN, url: 'https://other.example.com' }, 'public'),
      openAuditStore(dir, { ...PIN, logKey: 'other' }, 'public'),
    ]) {
      expect(await store.find()).toBeUndefined();
      expect(await store.findNote()).toBeNull();
    }
  });

  it('is not used when a single byte of it is changed', async () => {
    await audit();
    const [path = ''] = files();
    const bytes = readFileSync(path);
    for (let at = 0; at < bytes.length; at += 13) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(path, changed);
      await expect(openAuditStore(dir, PIN, 'public').find(), `byte ${at}`).rejects.toMatchObject({
        code: 'trust.unusable',
      });
    }
  });

  it('is shared by monitors that run at once, of which none takes anything back', async () => {
    for (let version = 0; version < 5; version++) {
      log.publish(`1.${version}.0`, [KEY], [1]);
      const results = await Promise.all(Array.from({ length: 6 }, () => audit()));
      expect(new Set(results.map(({ size }) => size))).toEqual(new Set([log.leaves.length]));
      expect((await openAuditStore(dir, PIN, 'public').find())?.size).toBe(log.leaves.length);
    }
    expect(files().length).toBe(1);
  });

  it('is looked at again after it was written: a monitor that saw another history meanwhile is noticed', async () => {
    const other = createWorldLog();
    other.append({ type: 'ns.create' });
    other.addKey(testKey(12));
    const store = openAuditStore(dir, PIN, 'public');
    const racing: AuditStore = {
      ...store,
      save: async (state) => {
        await openLogAudit({ ...serveLog(other.leaves), store }, { pin: PIN, realm: 'public' }).catchUp();
        await store.save(state);
      },
    };
    await expect(audit(racing)).rejects.toMatchObject({
      code: 'log.fork',
      verification: { evidence: [{ name: 'stored-checkpoint' }, { name: 'latest-checkpoint' }] },
    });
  });
});
