import { generateSigningKey } from '@sheaf/bundle';
import { sql, type RawBuilder } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRegistry, checkSnapshot, readCopies } from '../../src/check/check.js';
import type { Finding } from '../../src/check/finding.js';
import { blobKey, type ObjectStore } from '../../src/objects/port.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import {
  buildUpload,
  call,
  callJson,
  keyEvent,
  openNamespace,
  publish,
  PUBLISHER,
  send,
  sendKey,
} from '../support/upload.js';

const signal = new AbortController().signal;
let registry: TestRegistry;

beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
  const second = generateSigningKey();
  await sendKey(registry, keyEvent(registry, 'acme', [second, PUBLISHER]));
  for (const version of ['1.0.0', '1.1.0', '2.0.0']) await publish(registry, { version });
  await publish(registry, { name: 'other', tags: ['ops', 'more'] });
  const state = (path: string, method: string, body: unknown) =>
    callJson(registry, method, `/v1/workflows/acme/deploy/${path}`, body);
  await state('1.0.0/deprecate', 'PUT', { reason: 'old' });
  await state('1.0.0/deprecate', 'PUT', { reason: 'older', replacement: 'acme/deploy@2.0.0' });
  await state('1.1.0/yank', 'PUT', { reason: 'broken' });
  await callJson(registry, 'POST', '/v1/namespaces', { name: 'hidden', visibility: 'private' });
});
afterAll(() => registry.close());

async function findings(
  options: { isDeep?: boolean; objects?: ObjectStore } = {},
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  await checkRegistry(
    { db: registry.db, objects: options.objects ?? registry.deps.objects },
    { isDeep: options.isDeep ?? true, signal, onFinding: (finding) => found.push(finding) },
  );
  return found;
}

/** What is found of a database that was changed behind the service's back; the change is taken back. */
async function findingsAfter(change: RawBuilder<unknown>): Promise<readonly string[]> {
  const found: string[] = [];
  const copies = await readCopies(registry.deps, signal);
  const undo = new Error('undo');
  await registry.db
    .transaction()
    .execute(async (trx) => {
      await sql`set local session_replication_role = replica`.execute(trx);
      await change.execute(trx);
      const { objects } = registry.deps;
      const onFinding = ({ code }: Finding) => found.push(code);
      await checkSnapshot(trx, { objects, copies }, { isDeep: true, signal, onFinding });
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return [...new Set(found)];
}

describe('check', () => {
  it('finds nothing wrong with a registry that was used', async () => {
    expect(await findings()).toEqual([]);
    expect(await findings({ isDeep: false })).toEqual([]);
  });

  const deploy = sql`(select id from workflows where name = 'deploy')`;
  const broken: readonly (readonly [string, RawBuilder<unknown>, string])[] = [
    [
      'a leaf that is gone',
      sql`delete from log_leaves where realm = 'public' and index = 3`,
      'log.leaf_missing',
    ],
    [
      'a leaf that was changed',
      sql`update log_leaves set leaf = convert_to(replace(convert_from(leaf, 'utf8'), '"1.0.0"', '"1.0.9"'), 'utf8')
        where realm = 'public' and index = 3`,
      'log.root',
    ],
    [
      'a leaf that is no leaf',
      sql`update log_leaves set leaf = '{}'::bytea where index = 2 and realm = 'public'`,
      'log.leaf',
    ],
    [
      'a tile that was changed',
      sql`update log_tiles set hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1) where realm = 'public' and level = 0`,
      'log.tile',
    ],
    ['a tile that is gone', sql`delete from log_tiles where realm = 'public' and level = 0`, 'log.tile'],
    [
      'a tile that is too wide',
      sql`update log_tiles set hashes = hashes || sha256('x') where realm = 'public' and level = 0`,
      'log.tile_ahead',
    ],
    ['another root', sql`update log_state set root = sha256('x') where realm = 'public'`, 'log.root'],
    ['a size without leaves', sql`update log_state set size = size + 1 where realm = 'public'`, 'log.root'],
    [
      'a checkpoint with another signature',
      sql`update log_checkpoints set note = overlay(note placing 'AAAA' from length(note) - 12) where realm = 'public' and size = 4`,
      'log.checkpoint_signature',
    ],
    [
      'a checkpoint of another log',
      sql`update log_checkpoints c set note = (select note from log_checkpoints where realm = 'public' and size = 3) where c.realm = 'public' and c.size = 4`,
      'log.checkpoint_root',
    ],
    [
      'no newest checkpoint',
      sql`delete from log_checkpoints where realm = 'public' and size = (select max(size) from log_checkpoints where realm = 'public')`,
      'log.checkpoint_missing',
    ],
    [
      'a checkpoint of leaves that are not there',
      sql`update log_checkpoints set size = size + 50 where realm = 'public' and size = 4`,
      'log.checkpoint_ahead',
    ],
    ['the end of a chain', sql`update log_heads set seq = seq - 1 where namespace = 'acme'`, 'log.head'],
    [
      'a version with another digest',
      sql`update versions set blob_sha256 = sha256('x') where version = '2.0.0'`,
      'row.differs',
    ],
    [
      'a version with another signer',
      sql`update versions set key_ids = '{}' where version = '2.0.0'`,
      'row.differs',
    ],
    [
      'a version with another envelope',
      sql`update versions set envelope = envelope || ' ' where version = '2.0.0'`,
      'row.differs',
    ],
    ['a version that is gone', sql`delete from versions where version = '2.0.0'`, 'row.missing'],
    [
      'a version without a leaf',
      sql`update versions set log_index = 77, checkpoint_size = 78 where version = '2.0.0'`,
      'row.without_leaf',
    ],
    [
      'a state that no leaf gave',
      sql`update versions set state = 'active', reason = null where version = '1.1.0'`,
      'row.differs',
    ],
    ['another reason', sql`update versions set reason = 'nice' where version = '1.0.0'`, 'row.differs'],
    [
      'a state that is forgotten',
      sql`update versions set state = 'active', reason = null, replacement = null, state_index = null where version = '1.1.0'`,
      'row.missing',
    ],
    [
      'a state without a leaf',
      sql`update versions set state = 'yanked' where version = '2.0.0'`,
      'derived.state',
    ],
    [
      'a key that was changed',
      sql`update keys set public_key = sha256('x') where log_index = 1`,
      'row.differs',
    ],
    ['a key that is gone', sql`delete from keys where log_index = 1`, 'row.missing'],
    [
      'an event of a key that was changed',
      sql`update keys set event = 'x' where log_index = 1`,
      'row.differs',
    ],
    [
      'an audit row that is gone',
      sql`delete from audit where log_index = 3 and namespace = 'acme'`,
      'row.missing',
    ],
    [
      'an event that was changed',
      sql`update events set workflow = 'nothing' where log_index = 4`,
      'row.differs',
    ],
    [
      'another version in front',
      sql`update workflows set latest_version_id = (select id from versions where version = '1.0.0' limit 1) where id = ${deploy}`,
      'derived.latest',
    ],
    [
      'a release that is refused without a revocation',
      sql`update versions set revoked_index = 3 where version = '1.0.0'`,
      'derived.revoked',
    ],
    [
      'a workflow that search does not hold',
      sql`delete from search_entries where name = 'deploy'`,
      'derived.search',
    ],
    [
      'a workflow that is found by other words',
      sql`update search_entries set terms = ''::tsvector where name = 'deploy'`,
      'derived.search',
    ],
    [
      'tags that were lost',
      sql`update search_entries set facets = 'oacme' where name = 'deploy'`,
      'derived.search',
    ],
    [
      'a tag with another count',
      sql`update search_tags set workflows = workflows + 1 where tag = 'ops'`,
      'derived.tags',
    ],
    [
      'a channel that nobody moved',
      sql`insert into channels select ${deploy}, 'beta', id, 3, now() from versions where version = '2.0.0'`,
      'derived.channel',
    ],
    [
      'a namespace that is charged for too little',
      sql`update quota_usage set bytes = bytes - 1 where subject like 'ns:%'`,
      'quota.usage',
    ],
    ['a namespace that is charged for nothing', sql`delete from quota_usage`, 'quota.usage'],
    [
      'a namespace that is charged for more workflows than there are',
      sql`update quota_usage set workflows = workflows + 1 where subject like 'ns:%'`,
      'quota.usage',
    ],
    [
      'a token that is charged for a version too many',
      sql`update quota_usage set versions = versions + 1 where subject like 'token:%'`,
      'quota.usage',
    ],
    [
      'a leaf that cannot be placed',
      sql`insert into log_queue (realm, namespace, leaf, subject_kind, subject_id, audit_id, attempts) select 'public', 'acme', '{}', 'version', 1, min(id), 3 from audit`,
      'queue.stuck',
    ],
    [
      'a version that waits for nothing',
      sql`update versions set log_index = null, checkpoint_size = null, published_at = null where version = '2.0.0'`,
      'queue.orphan',
    ],
    ['a namespace in a realm without a log', sql`delete from log_state where realm = 'hidden'`, 'log.realm'],
    [
      'a database that is older than the copy',
      sql`update log_state set size = size - 1 where realm = 'public'`,
      'copy.behind',
    ],
    [
      'more said to be copied than there is',
      sql`update log_copies set size = size + 9 where realm = 'public'`,
      'copy.ahead',
    ],
    [
      'facts that are not those of the bundle',
      sql`update versions set summary = summary || '{"license": "GPL"}' where version = '2.0.0'`,
      'row.summary',
    ],
  ];
  it.each(broken)('finds %s', async (_what, change, code) => {
    expect(await findingsAfter(change)).toContain(code);
  });

  it('finds a copy that was taken away', async () => {
    const { objects } = registry.deps;
    const empty: ObjectStore = {
      ...objects,
      listKeys: (prefix) => (prefix.startsWith('checkpoints/') ? nothing() : objects.listKeys(prefix)),
    };
    expect(await findings({ objects: empty })).toMatchObject([
      { code: 'copy.missing' },
      { code: 'copy.missing' },
    ]);
  });

  it('finds blobs that are gone, shorter or changed, and says which', async () => {
    const upload = await buildUpload(registry, { name: 'damaged' });
    await send(registry, upload);
    const { objects } = registry.deps;
    const key = blobKey(upload.digest);
    const held = Buffer.from((await objects.get(key)) ?? []);
    const changed = Buffer.from(held);
    changed[changed.length - 9] = (changed[changed.length - 9] ?? 0) ^ 1;
    const cases = [
      [undefined, false, 'blob.missing'],
      [held.subarray(1), false, 'blob.size'],
      [undefined, true, 'blob.missing'],
      [changed, true, 'blob.digest'],
    ] as const;
    for (const [bytes, isDeep, code] of cases) {
      await objects.delete(key);
      if (bytes !== undefined) await objects.putIfAbsent(key, bytes);
      const found = await findings({ isDeep });
      expect(found).toMatchObject([{ code, where: 'acme/damaged@1.0.0' }]);
      expect(found[0]?.remedy).toContain('backup');
    }
    await objects.delete(key);
    await objects.putIfAbsent(key, held);
    expect(await findings()).toEqual([]);
  });

  it('says nothing wrong of a registry that is written meanwhile', async () => {
    let isDone = false;
    const write = async () => {
      for (let n = 0; !isDone; n += 1) await publish(registry, { name: 'busy', version: `1.0.${n}` });
    };
    const writing = write();
    try {
      for (let round = 0; round < 5; round += 1) expect(await findings()).toEqual([]);
    } finally {
      isDone = true;
      await writing;
    }
    expect((await call(registry, '/v1/workflows/acme/busy')).status).toBe(200);
  });
});

async function* nothing(): AsyncGenerator<never> {
  await Promise.resolve();
  yield* [];
}
