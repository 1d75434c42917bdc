import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKey, logVerifierOf } from '@sheaf/bundle';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArchive } from '../../src/archive/archive-files.js';
import { importRegistry } from '../../src/archive/import-registry.js';
import { startRegistry, type RunningRegistry } from '../../src/compose.js';
import { parseConfig } from '../../src/config.js';
import { openFilesystemStore } from '../../src/objects/filesystem.js';
import { checkVerb } from '../../src/verbs/check.js';
import { exportVerb } from '../../src/verbs/export.js';
import { importVerb } from '../../src/verbs/import.js';
import {
  createOwnDatabase,
  runVerb,
  startComposedRegistry,
  type ComposedRegistry,
  type OwnDatabase,
} from '../support/composed-registry.js';
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

let dir: string;
let source: ComposedRegistry;
let logKey: string;
let first: string;
let paths = 0;

const newPath = (what: string) => join(dir, `${what}-${(paths += 1)}`);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sheaf-archive-'));
  source = await startComposedRegistry();
  await openNamespace(source);
  await sendKey(source, keyEvent(source, 'acme', [generateSigningKey(), PUBLISHER]));
  for (const version of ['1.0.0', '1.1.0', '2.0.0']) await publish(source, { version });
  await callJson(source, 'PUT', '/v1/workflows/acme/deploy/1.0.0/deprecate', { reason: 'old' });
  await callJson(source, 'PUT', '/v1/workflows/acme/deploy/channels/beta', { version: '1.1.0' });
  await openNamespace(source, 'other');
  await publish(source, { namespace: 'other', name: 'tool' });
  const wellKnown = await call(source, '/.well-known/sheaf-registry');
  logKey =
    /wf\.example\.com\/log\/public\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+/.exec(JSON.stringify(wellKnown.json))?.[0] ??
    '';
  first = newPath('first.tar');
  expect(await exported(first)).toMatchObject({ releases: 4 });
});
afterAll(async () => {
  await source.close();
  await rm(dir, { recursive: true, force: true });
});

async function exported(path: string, flags: readonly string[] = []): Promise<Record<string, unknown>> {
  const { code, out } = await runVerb(exportVerb, [path, '--json', ...flags], {
    ...source.env,
    SHEAF_DATA_DIR: source.dataDir,
  });
  expect(code).toBe(0);
  return JSON.parse(out) as Record<string, unknown>;
}

interface Mirror {
  readonly database: OwnDatabase;
  readonly dataDir: string;
  take(path: string, key?: string): Promise<Record<string, unknown>>;
  /** As `take`, without opening everything anew each time. */
  tryTaking(path: string): Promise<unknown>;
  serve(): Promise<RunningRegistry & { readonly ownerToken: string }>;
  check(): Promise<string>;
  close(): Promise<void>;
}

async function newMirror(): Promise<Mirror> {
  const database = await createOwnDatabase();
  const dataDir = newPath('mirror');
  const env = { DATABASE_URL: database.url, SHEAF_DATA_DIR: dataDir };
  const running: RunningRegistry[] = [];
  return {
    database,
    dataDir,
    take: async (path, key = logKey) => {
      const { out } = await runVerb(importVerb, [path, '--log-key', key, '--json'], env);
      return JSON.parse(out) as Record<string, unknown>;
    },
    tryTaking: async (path) => {
      const objects = await openFilesystemStore({ dir: join(dataDir, 'blobs'), now: Date.now });
      const signal = new AbortController().signal;
      return importRegistry({ db: database.db, objects }, () => openArchive(path), { logKey, signal });
    },
    serve: async () => {
      const registry = await startRegistry(
        parseConfig(['--port', '0'], env, false),
        pino({ level: 'silent' }),
      );
      running.push(registry);
      return { ...registry, ownerToken: 'none' };
    },
    check: async () => (await runVerb(checkVerb, ['--deep'], env)).out,
    close: async () => {
      for (const registry of running) await registry.stop();
      await database.drop();
    },
  };
}

/** Nothing of a refused archive is visible: the database belongs to nobody still. */
async function isUntouched({ database }: Mirror): Promise<boolean> {
  const tables = ['registry', 'namespaces', 'versions', 'log_state', 'log_leaves', 'users'] as const;
  for (const table of tables) {
    const row = await database.db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirst();
    if (row?.n !== 0) return false;
  }
  return true;
}

describe('an export that is imported elsewhere', () => {
  it('is answered as the registry itself answers, and takes nothing in', async () => {
    const mirror = await newMirror();
    expect(await mirror.take(first)).toMatchObject({ origin: 'wf.example.com', releases: 4 });
    const served = await mirror.serve();
    const same = [
      '/log/public/checkpoint',
      '/log/public/tile/entries/000.p/5',
      '/log/public/tile/0/000.p/5',
      '/v1/namespaces/acme/keys',
      '/v1/workflows/acme/deploy/2.0.0/receipt',
      '/v1/workflows/acme/deploy/2.0.0/proof',
      '/v1/workflows/acme/deploy/2.0.0/envelope',
      '/v1/workflows/acme/deploy/2.0.0/download',
      '/v1/workflows/acme/deploy/1.0.0/receipt',
      '/v1/workflows/acme/deploy/1.0.0/standing',
      '/v1/workflows/other/tool/1.0.0/receipt',
      '/v1/tags',
    ];
    for (const path of same) {
      const [there, here] = [await call(source, path), await call(served, path)];
      expect([path, there.status]).toEqual([path, 200]);
      expect([path, here.status, here.bytes.equals(there.bytes)]).toEqual([path, 200, true]);
    }
    const found = await call(served, '/v1/workflows?q=deploy');
    expect(JSON.stringify(found.json)).toContain('acme/deploy');
    const document = await call(served, '/v1/workflows/acme/deploy');
    expect(JSON.stringify(document.json)).toContain('"beta"');
    const upload = await buildUpload(source, { version: '9.0.0' });
    const refused = await send({ ...served, url: served.url }, upload, source.ownerToken);
    expect([refused.status, refused.json['code']]).toEqual([403, 'registry.mirror']);
    expect(JSON.stringify(refused.json)).toContain('wf.example.com');
    const account = await call(served, '/v1/whoami', { token: source.ownerToken });
    expect(account.json['code']).toBe('registry.mirror');
    for (const path of ['/v1/whoami', '/v1/namespaces', '/v1/tokens', '/v1/stages', '/v1/audit']) {
      const { status, json } = await call(served, path);
      expect([path, status, json['code']]).toEqual([path, 403, 'registry.mirror']);
    }
    const known = await call(served, '/v1/workflows/acme/deploy/2.0.0', { token: source.ownerToken });
    expect(known.status).toBe(200);
    for (const [method, path] of [
      ['DELETE', '/v1/workflows/acme/deploy/1.0.0/yank'],
      ['PUT', '/nowhere'],
    ] as const)
      expect((await callJson(served, method, path, {})).json['code']).toBe('registry.mirror');
    expect(await mirror.check()).toContain('everything fits together');
    await mirror.close();
  });

  it('goes on with a later export, and refuses an earlier one', async () => {
    const mirror = await newMirror();
    await mirror.take(first);
    await publish(source, { version: `3.${paths}.0` });
    await callJson(source, 'PUT', '/v1/workflows/acme/deploy/1.1.0/yank', { reason: 'broken' });
    const later = newPath('later.tar');
    await exported(later);
    expect(await mirror.take(later)).toMatchObject({ leaves: 2, releases: 1 });
    expect(await mirror.take(later)).toMatchObject({ leaves: 0, releases: 0 });
    await expect(mirror.take(first)).rejects.toMatchObject({ code: 'import.older' });
    const served = await mirror.serve();
    for (const path of ['/v1/workflows/acme/deploy/1.1.0/standing', '/log/public/checkpoint'])
      expect((await call(served, path)).bytes.equals((await call(source, path)).bytes)).toBe(true);
    expect(await mirror.check()).toContain('everything fits together');
    await mirror.close();
  });

  it('is the same from a folder, and holds what was asked for with the whole log', async () => {
    const folder = `${newPath('folder')}/`;
    expect(await exported(folder, ['--namespace', 'other'])).toMatchObject({ releases: 1 });
    const mirror = await newMirror();
    expect(await mirror.take(folder)).toMatchObject({ releases: 1 });
    const served = await mirror.serve();
    expect((await call(served, '/v1/workflows/acme/deploy')).status).toBe(404);
    const [there, here] = [
      await call(source, '/v1/workflows/other/tool/1.0.0/receipt'),
      await call(served, '/v1/workflows/other/tool/1.0.0/receipt'),
    ];
    expect(here.bytes.equals(there.bytes)).toBe(true);
    await expect(mirror.take(first)).rejects.toMatchObject({ code: 'import.not_a_mirror' });
    await mirror.close();
  });

  it('is taken in by nobody who knows another key', async () => {
    const mirror = await newMirror();
    const other = logVerifierOf('wf.example.com/log/public', generateSigningKey().publicKey.raw).text;
    await expect(mirror.take(first, other)).rejects.toMatchObject({ code: 'import.key_mismatch' });
    expect(await isUntouched(mirror)).toBe(true);
    await mirror.close();
  });

  it('begins nothing when it cannot be read, or is not of the log that is wanted', async () => {
    const dataDir = newPath('unbegun');
    const cut = newPath('cut.tar');
    await cp(first, cut);
    await truncate(cut, 600);
    const other = logVerifierOf('wf.example.com/log/public', generateSigningKey().publicKey.raw).text;
    const takings = [
      ['archive.unreadable', newPath('absent.tar'), logKey],
      ['archive.invalid', cut, logKey],
      ['import.key_mismatch', first, other],
    ] as const;
    for (const [code, path, key] of takings) {
      const taking = runVerb(importVerb, [path, '--log-key', key, '--data-dir', dataDir], {});
      await expect(taking).rejects.toMatchObject({ code });
      await expect(readdir(dataDir)).rejects.toMatchObject({ code: 'ENOENT' });
    }
  });

  it('does not go into a registry that is somebody’s', async () => {
    const env = { ...source.env, SHEAF_DATA_DIR: source.dataDir };
    const taking = runVerb(importVerb, [first, '--log-key', logKey], env);
    await expect(taking).rejects.toMatchObject({ code: 'import.not_a_mirror' });
    expect((await call(source, '/v1/workflows/acme/deploy')).status).toBe(200);
  });

  it('is refused when the registry has shown somebody another history', async () => {
    const mirror = await newMirror();
    await mirror.take(first);
    await mirror.database.db
      .updateTable('log_state')
      .set({ root: Buffer.alloc(32, 7) })
      .execute();
    await publish(source, { version: `4.${paths}.0` });
    const later = newPath('later.tar');
    await exported(later);
    await expect(mirror.take(later)).rejects.toMatchObject({ code: 'import.forked' });
    await mirror.close();
  });

  it('is refused at every byte that is changed, and nothing of it is visible', async () => {
    const mirror = await newMirror();
    const whole = await readFile(first);
    const step = Math.max(1, Math.floor(whole.length / 60));
    const changed = newPath('changed.tar');
    // Behind the manifest, whose time rests on nothing.
    for (let at = 1_030; at < whole.length; at += step) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 4;
      await writeFile(changed, bytes);
      const outcome = await mirror.tryTaking(changed).then(
        () => 'taken',
        (error: unknown) => (error as { code?: string }).code ?? String(error),
      );
      expect([at, outcome]).toEqual([at, expect.stringMatching(/^(archive|import)\./)]);
      expect(await isUntouched(mirror)).toBe(true);
    }
    await mirror.close();
  });

  it.each(['log', 'notes', 'events', 'envelopes', 'blobs'])(
    'is refused when any file of its %s is gone, empty or another one',
    async (part) => {
      const whole = `${newPath('whole')}/`;
      await exported(whole);
      const files = (await readdir(join(whole, part), { recursive: true, withFileTypes: true })).filter((f) =>
        f.isFile(),
      );
      const mirror = await newMirror();
      for (const file of files.slice(0, 3)) {
        for (const spoil of ['gone', 'empty', 'other'] as const) {
          const copy = newPath('spoiled');
          await cp(whole, copy, { recursive: true });
          const path = join(file.parentPath.replace(whole.replace(/\/$/, ''), copy), file.name);
          if (spoil === 'gone') await rm(path);
          else if (spoil === 'empty') await truncate(path, 0);
          else await writeFile(path, await readFile(join(whole, 'sheaf-export.json')));
          await expect(mirror.tryTaking(copy)).rejects.toMatchObject({ code: 'archive.invalid' });
          expect(await isUntouched(mirror)).toBe(true);
        }
      }
      expect(files.length).toBeGreaterThan(0);
      await mirror.close();
    },
  );

  it('is refused when it is cut short or goes on after its end', async () => {
    const mirror = await newMirror();
    const whole = await readFile(first);
    const spoiled = newPath('spoiled.tar');
    for (const bytes of [
      whole.subarray(0, whole.length - 512),
      whole.subarray(0, whole.length - 5_000),
      whole.subarray(0, 700),
      Buffer.concat([whole, Buffer.alloc(512)]),
      Buffer.concat([whole, whole]),
    ]) {
      await writeFile(spoiled, bytes);
      await expect(mirror.tryTaking(spoiled)).rejects.toMatchObject({ code: 'archive.invalid' });
      expect(await isUntouched(mirror)).toBe(true);
    }
    await mirror.close();
  });

  it('replaces no file, and leaves none when it cannot be finished', async () => {
    await expect(exported(first)).rejects.toMatchObject({ code: 'archive.exists' });
    const path = newPath('never.tar');
    await expect(exported(path, ['--namespace', 'nobody'])).rejects.toMatchObject({
      code: 'export.unknown_namespace',
    });
    expect((await readdir(dir)).filter((name) => name.includes('never'))).toEqual([]);
  });
});
