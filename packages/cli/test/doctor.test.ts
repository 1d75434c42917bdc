import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ClientError, type Pin, type RegistryProbe } from '@sheaf/client';
import type { Whoami } from '@sheaf/client/contract';
import { createTestRegistry, ORIGIN } from '../../client/src/testing/test-registry.js';
import { createTestLog, testKey } from '../../client/src/testing/test-log.js';
import { findPaths } from '../src/config/paths.js';
import { cacheCheck } from '../src/doctor/cache.js';
import type { Check, Finding } from '../src/doctor/check.js';
import { completionCheck } from '../src/doctor/completion.js';
import { areTokensOpen, folderChecks, privateFilesCheck } from '../src/doctor/folders.js';
import { projectCheck } from '../src/doctor/project.js';
import { registryCheck, type RegistryDeps } from '../src/doctor/registries.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');

async function look(check: Check): Promise<readonly Finding[]> {
  return [await check.run(new AbortController().signal)].flat();
}

describe('a registry', () => {
  const registry = createTestRegistry();
  registry.grow(4);
  const { log } = registry;
  const wellKnown: RegistryProbe['wellKnown'] = {
    origin: ORIGIN,
    api: ['v1'],
    logs: [{ realm: 'public', origin: `${ORIGIN}/log/public`, key: log.logKey }],
    witnesses: [],
    limits: { tarBytes: 1, files: 1, fileBytes: 1, definitionBytes: 1 },
    cli: { latest: '9.0.0' },
  };
  const user: Whoami = {
    user: 'ana',
    admin: false,
    via: 'token',
    token: { id: 't', name: 'n', scopes: [], expiresAt: '2026-12-20T00:00:00Z' },
    namespaces: [],
  };
  const seen: Pin = registry.pin(log.checkpoint(2));

  interface Broken {
    readonly probe?: Partial<RegistryProbe> | Error;
    readonly checkpoint?: string;
    readonly user?: Whoami | Error;
    readonly pin?: Pin | undefined;
    readonly deps?: Partial<RegistryDeps>;
    readonly isDefault?: boolean;
  }

  async function findings(broken: Broken = {}): Promise<Record<string, readonly (string | undefined)[]>> {
    const asked: string[] = [];
    const answer = <T>(name: string, value: T | Error): Promise<T> => {
      asked.push(name);
      return value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
    };
    const probe =
      broken.probe instanceof Error
        ? broken.probe
        : { wellKnown, tookMs: 23.4, clockAheadMs: 400, ...broken.probe };
    const deps: RegistryDeps = {
      env: {},
      nowMs: () => NOW,
      connect: () =>
        Promise.resolve({
          probe: () => answer('probe', probe),
          getCheckpoint: () => answer('checkpoint', broken.checkpoint ?? log.checkpoint()),
          whoami: () => answer('whoami', broken.user ?? user),
          close: () => Promise.resolve(),
        }),
      findPin: () => Promise.resolve('pin' in broken ? broken.pin : seen),
      hasToken: () => Promise.resolve(true),
      tokensClosed: () => Promise.resolve(false),
      onLatest: (version) => asked.push(`latest ${version}`),
      ...broken.deps,
    };
    const place = { url: 'https://corp.example', name: 'corp', isDefault: broken.isDefault === true };
    const found = await look(registryCheck(deps, place));
    const byCheck = found.map(
      ({ check, status, detail, remedy }) => [check, [status, detail, remedy]] as const,
    );
    return { ...Object.fromEntries(byCheck), asked };
  }

  it('that is well is told in four lines', async () => {
    expect(await findings()).toEqual({
      'registry corp': ['ok', 'https://corp.example answers in 23 ms', undefined],
      'clock corp': ['ok', 'the same as that of the registry', undefined],
      'log corp': [
        'ok',
        expect.stringMatching(/^key pinned 20\d\d-\d\d-\d\d, 6 entries, verified .* ago$/),
        undefined,
      ],
      'account corp': ['ok', 'signed in as ana until 2026-12-20', undefined],
      asked: ['probe', 'latest 9.0.0', 'checkpoint', 'whoami'],
    });
  });

  it('that does not answer fails with the reason, and is asked nothing more', async () => {
    const probe = new ClientError('network.unreachable', 'it cannot be reached', {
      hint: 'check the network',
    });
    expect(await findings({ probe })).toEqual({
      'registry corp': ['fail', 'it cannot be reached', 'check the network'],
      asked: ['probe'],
    });
    const none = await findings({ probe, isDefault: true, pin: undefined });
    expect(none['registry']).toEqual(['skip', expect.any(String), 'sheaf login URL']);
  });

  it.each([
    [45_000, 'warn', 'this machine is 45 s behind the registry'],
    [-45_000, 'warn', 'this machine is 45 s ahead of the registry'],
    [600_000, 'fail', 'this machine is 10 minutes behind the registry'],
  ])('whose clock is %i ms ahead: %s', async (clockAheadMs, status, detail) => {
    const found = await findings({ probe: { clockAheadMs } });
    expect(found['clock corp']).toEqual([status, detail, expect.stringContaining('set the clock')]);
  });

  it('whose log key is not pinned, or another, is told; and no token goes to another', async () => {
    expect((await findings({ pin: undefined }))['log corp']?.[0]).toBe('warn');
    const other = {
      ...seen,
      logKey: createTestLog({ origin: `${ORIGIN}/log/public`, key: testKey(9) }).logKey,
    };
    const found = await findings({ pin: other });
    expect(found['log corp']?.[0]).toBe('fail');
    expect(found['account corp']?.[0]).toBe('skip');
    expect(found['asked']).not.toContain('whoami');
  });

  it('whose log is smaller than before, or not signed by its key, fails', async () => {
    expect((await findings({ checkpoint: log.checkpoint(1) }))['log corp']).toEqual([
      'fail',
      '1 entry, fewer than the 2 that were verified before',
      expect.any(String),
    ]);
    const forged = log.checkpoint().replace(/\n6\n/, '\n7\n');
    expect((await findings({ checkpoint: forged }))['log corp']?.[0]).toBe('fail');
  });

  it('was verified at a time that is still to come when the clock was set back', async () => {
    const realms = new Map([
      ['public', { checkpoint: log.checkpoint(2), checkedAt: '2027-01-01T00:00:00Z' }],
    ]);
    expect((await findings({ pin: { ...seen, realms } }))['log corp']?.[0]).toBe('warn');
  });

  it('tells that a token expires soon, is refused, or is not there', async () => {
    const soon: Whoami = { ...user, token: { ...user.token, expiresAt: '2026-11-24T00:00:00Z' } };
    expect((await findings({ user: soon }))['account corp']?.slice(0, 2)).toEqual([
      'warn',
      'signed in as ana, and the token expires in 3 days',
    ]);
    const refused = new ClientError('auth.token_invalid', 'the token is not known');
    expect((await findings({ user: refused }))['account corp']).toEqual([
      'fail',
      'the token is not known',
      'sheaf login https://corp.example',
    ]);
    const absent = await findings({ deps: { hasToken: () => Promise.resolve(false) } });
    expect(absent['account corp']?.[0]).toBe('skip');
    const open = await findings({ deps: { tokensClosed: () => Promise.resolve(true) } });
    expect(open['account corp']?.[0]).toBe('skip');
  });

  it('is told to be reached through a proxy, without the password of that', async () => {
    const env = { https_proxy: 'http://me:hunter2@proxy.example:3128' };
    const [, detail = ''] = (await findings({ deps: { env } }))['registry corp'] ?? [];
    expect(detail).toContain('through http://proxy.example:3128 (https_proxy)');
    expect(detail).not.toContain('hunter2');
  });
});

describe('the folders of a user', () => {
  function home(): { readonly dir: string; readonly paths: ReturnType<typeof findPaths> } {
    const dir = mkdtempSync(join(tmpdir(), 'sheaf doctor-'));
    return { dir, paths: findPaths({ HOME: dir }, isAbsolute) };
  }
  const statuses = async (paths: ReturnType<typeof findPaths>) =>
    (await Promise.all(folderChecks(paths).map(look))).flat().map(({ status, detail }) => [status, detail]);

  it('are well when they can be made, and are not made by looking', async () => {
    const { dir, paths } = home();
    expect((await statuses(paths)).map(([status]) => status)).toEqual(['ok', 'ok', 'ok']);
    expect(() => statSync(join(dir, '.config'))).toThrow('ENOENT');
  });

  it('fail when a file stands there, or there is no home', async () => {
    const { dir, paths } = home();
    writeFileSync(join(dir, '.config'), '');
    const [config] = await statuses(paths);
    expect(config).toEqual(['fail', `${join(dir, '.config')} is no folder`]);
    const none = await statuses(findPaths({}, isAbsolute));
    expect(none[0]).toEqual(['fail', 'neither XDG_CONFIG_HOME nor HOME says where it is']);
  });

  it('hold secrets that others can read: each is told with the command that closes it, and none is closed', async () => {
    const { dir, paths } = home();
    const config = join(dir, '.config', 'sheaf');
    mkdirSync(join(config, 'keys'), { recursive: true });
    const [key, tokens] = [join(config, 'keys', 'laptop.json'), join(config, 'credentials.json')];
    expect(await look(privateFilesCheck(paths, 'linux'))).toMatchObject([{ status: 'skip' }]);
    for (const path of [key, tokens]) writeFileSync(path, '{}', { mode: 0o600 });
    expect(await look(privateFilesCheck(paths, 'linux'))).toMatchObject([
      { status: 'ok', detail: '2 that only you can read' },
    ]);
    chmodSync(key, 0o644);
    expect(await look(privateFilesCheck(paths, 'linux'))).toEqual([
      {
        check: 'private files',
        status: 'fail',
        detail: `${key} can be read by others (0644)`,
        remedy: `chmod 600 '${key}'`,
      },
    ]);
    expect(statSync(key).mode & 0o777).toBe(0o644);
    expect(await areTokensOpen(paths, 'linux')).toBe(false);
    chmodSync(tokens, 0o640);
    expect(await areTokensOpen(paths, 'linux')).toBe(true);
  });

  it('hold a cache of which a sample is read again', async () => {
    const { paths } = home();
    expect(await look(cacheCheck(paths))).toMatchObject([{ status: 'skip' }]);
    const hex = createHash('sha256').update('bundle').digest('hex');
    const folder = join(paths.cache(), 'blobs', 'sha256', hex.slice(0, 2));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${hex}.tar.gz`), 'bundle');
    expect(await look(cacheCheck(paths))).toMatchObject([
      { status: 'ok', detail: '1 bundle, 6 B; 1 looked at, whole' },
    ]);
    writeFileSync(join(folder, `${hex}.tar.gz`), 'broken');
    expect(await look(cacheCheck(paths))).toMatchObject([{ status: 'fail', remedy: 'sheaf cache verify' }]);
  });

  it('tell whether the shell completes sheaf', async () => {
    const { dir } = home();
    const check = (shell: string) => look(completionCheck({ HOME: dir, SHELL: shell }));
    expect(await check('/bin/bash')).toMatchObject([{ status: 'skip', detail: 'not set up for bash' }]);
    expect(await check('bash')).toMatchObject([
      { remedy: expect.stringMatching(/^mkdir -p \S+ && sheaf completion bash > /) as string },
    ]);
    writeFileSync(join(dir, '.bashrc'), 'source <(sheaf completion bash)\n');
    expect(await check('/bin/bash')).toMatchObject([{ status: 'ok' }]);
    expect(await check('/usr/bin/fish')).toMatchObject([{ status: 'skip' }]);
    expect(await check('/bin/constructor')).toMatchObject([
      { status: 'skip', detail: 'the shell is none of bash, zsh, fish' },
    ]);
  });
});

describe('the project of the folder', () => {
  const ofProject = (files: Readonly<Record<string, string>>): Promise<readonly Finding[]> => {
    const cwd = mkdtempSync(join(tmpdir(), 'sheaf-doctor-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
    return look(projectCheck({ cwd, env: { HOME: cwd } }));
  };
  const named = '[workflows]\nhello = "acme/hello@^1"\n';

  it('is not looked for where there is none', async () => {
    expect(await ofProject({})).toEqual([]);
  });

  it('is told to be locked', async () => {
    expect(await ofProject({ 'sheaf.toml': named })).toEqual([
      {
        check: 'project',
        status: 'warn',
        detail: 'sheaf.toml names 1 workflow, and nothing locks them',
        remedy: 'sheaf lock',
      },
    ]);
  });

  it.each([
    ['sheaf.toml', { 'sheaf.toml': 'x = [' }, 'project.invalid'],
    ['sheaf.lock', { 'sheaf.toml': named, 'sheaf.lock': 'junk\n' }, 'lock.invalid'],
  ])('that has a broken %s fails with what is wrong there', async (file, files, code) => {
    await expect(ofProject(files)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`${file}:`) as string,
    });
  });
});
