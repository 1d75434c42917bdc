import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withFileLock } from '../src/config/private-files.js';
import { openCredentials } from '../src/config/credentials.js';
import type { SignInCredential } from '../src/config/credential-format.js';
import { KeyringError, type Keyring } from '../src/keys/keyring.js';

const A = { url: 'https://a.example.com' };
const B = { url: 'https://b.example.com' };
const TOKEN = { kind: 'token', token: 'shf_secret', expiresAt: '2030-01-01T00:00:00Z' } as const;
const SIGN_IN: SignInCredential = {
  kind: 'sign-in',
  issuer: 'https://id.example.com',
  clientId: 'cli',
  resource: undefined,
  accessToken: 'access',
  expiresAt: '2030-01-01T00:00:00Z',
  refreshToken: 'refresh',
};

let configDir: string;
let warnings: string[];
beforeEach(async () => {
  configDir = await mkdtemp(join(tmpdir(), 'sheaf-credentials-'));
  warnings = [];
});
afterEach(() => rm(configDir, { recursive: true }));

function remembering(): Keyring & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    find: (name) => Promise.resolve(kept.get(name)),
    put: (name, secret) => Promise.resolve(void kept.set(name, secret)),
    remove: (name) => Promise.resolve(void kept.delete(name)),
  };
}
const locked: Keyring = {
  find: () => Promise.reject(new KeyringError('it is locked')),
  put: () => Promise.reject(new KeyringError('it is locked')),
  remove: () => Promise.reject(new KeyringError('it is locked')),
};
const open = (keyring?: Keyring, signal?: AbortSignal) =>
  openCredentials({ configDir, keyring, signal, warn: (line) => warnings.push(line) });
const text = () => readFile(join(configDir, 'credentials.json'), 'utf8');

describe('without a keyring', () => {
  test('what is stored lies in a file for its owner alone, and is found again', async () => {
    const credentials = open();
    expect(await credentials.store(A, TOKEN)).toBe('file');
    expect(await credentials.store(B, SIGN_IN)).toBe('file');
    expect((await stat(credentials.path)).mode & 0o777).toBe(0o600);
    expect([await open().find(A), await open().find(B)]).toEqual([TOKEN, SIGN_IN]);
    expect(await credentials.forget(A)).toBe(true);
    expect([await credentials.forget(A), await open().find(A)]).toEqual([false, undefined]);
    expect(await open().find(B)).toEqual(SIGN_IN);
  });

  test.each(['{', '{}', '{"registries":[{"url":1,"token":"x"}]}', '{"registries":[{"url":"x"}]}', '[]'])(
    'a file that holds %s is said to be damaged',
    async (damaged) => {
      await writeFile(join(configDir, 'credentials.json'), damaged, { mode: 0o600 });
      await expect(open().find(A)).rejects.toMatchObject({ code: 'config.invalid' });
    },
  );

  test('changes of several at once are all kept', async () => {
    const names = Array.from({ length: 8 }, (_, i) => ({ url: `https://${i}.example.com` }));
    await Promise.all(names.map((name) => open().store(name, TOKEN)));
    const found = await Promise.all(names.map((name) => open().find(name)));
    expect(found).toEqual(names.map(() => TOKEN));
  });
});

describe('with a keyring', () => {
  test('no secret lies in the file', async () => {
    const keyring = remembering();
    expect(await open(keyring).store(A, SIGN_IN)).toBe('keyring');
    expect(await text()).not.toMatch(/access|refresh/);
    expect(await open(keyring).find(A)).toEqual(SIGN_IN);
    await open(keyring).forget(A);
    expect(keyring.kept.size).toBe(0);
  });

  test('that does not work, the file is used, and it is said', async () => {
    expect(await open(locked).store(A, TOKEN)).toBe('file');
    expect(warnings).toEqual([expect.stringContaining('it is locked')]);
    expect(await open(locked).find(A)).toEqual(TOKEN);
  });

  test('that is locked later, the token is not taken for none', async () => {
    await open(remembering()).store(A, TOKEN);
    for (const keyring of [locked, undefined])
      await expect(open(keyring).find(A)).rejects.toMatchObject({ code: 'auth.keyring' });
    expect(await open(locked).forget(A)).toBe(true);
    expect(await open(locked).find(A)).toBeUndefined();
  });
});

test('accounts of one registry are kept apart, and listed without their secrets', async () => {
  const keyring = remembering();
  await open().store(A, TOKEN, 'ana');
  await open(keyring).store({ ...A, account: 'work' }, SIGN_IN, 'ana-at-work');
  expect(await open(keyring).list()).toEqual([
    { ...A, account: undefined, user: 'ana', in: 'file', kind: 'token' },
    { ...A, account: 'work', user: 'ana-at-work', in: 'keyring', kind: undefined },
  ]);
  expect([...keyring.kept.keys()]).toEqual([`${A.url}#work`]);
  await open(keyring).forget({ ...A, account: 'work' });
  expect([keyring.kept.size, await open(keyring).find(A)]).toEqual([0, TOKEN]);
});

test('an update sees what is stored now, one at a time', async () => {
  await open().store(A, SIGN_IN);
  const seen: unknown[] = [];
  const renew = (refreshToken: string) =>
    open().update(A, (now) => {
      seen.push(now?.kind === 'sign-in' && now.refreshToken);
      return Promise.resolve({ ...SIGN_IN, refreshToken });
    });
  await Promise.all(['one', 'two', 'three'].map(renew));
  expect(seen[0]).toBe('refresh');
  expect(new Set(seen).size).toBe(3);
});

describe('the lock of another process', () => {
  const place = () =>
    process.platform === 'linux' ? `${hostname()} ${readlinkSync('/proc/self/ns/pid')}` : hostname();
  const lease = () => join(configDir, 'credentials.json.lease.000000001');
  const lockOf = (owner: string) => writeFile(lease(), owner);

  test('that was killed is taken over, by one of all who wait', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    await lockOf(`${pid} ${place()}\n`);
    let inside = 0;
    const renew = () =>
      open().update(A, async () => {
        expect(++inside).toBe(1);
        await sleep(5);
        inside--;
        return SIGN_IN;
      });
    await Promise.all([renew(), renew(), renew()]);
    expect(await open().find(A)).toEqual(SIGN_IN);
    expect((await readdir(configDir)).sort()).toEqual(['credentials.json']);
  });

  test('that was killed before it said who it is leaves nothing to remove by hand', async () => {
    await lockOf('');
    const old = new Date(Date.now() - 3000);
    await utimes(lease(), old, old);
    await open().store(A, TOKEN);
    expect((await readdir(configDir)).sort()).toEqual(['credentials.json']);
  });

  test.each([
    ['runs', () => `${process.pid} ${place()}\n`],
    ['runs on another machine', () => '1 elsewhere\n'],
    ['runs in another container of this machine', () => `1 ${hostname()} pid:[1]\n`],
    ['has not said who it is', () => ''],
  ])('that %s is waited for', async (_, owner) => {
    await lockOf(owner());
    const waiting = withFileLock(join(configDir, 'credentials.json'), () => Promise.resolve(), {
      waitMs: 60,
    });
    await expect(waiting).rejects.toMatchObject({ code: 'file.busy' });
  });

  test('is not waited for once that is given up', async () => {
    await lockOf(`${process.pid} ${place()}\n`);
    const { signal } = new AbortController();
    const credentials = open(undefined, AbortSignal.timeout(60));
    const begunMs = performance.now();
    const ended = await Promise.allSettled([
      credentials.store(A, TOKEN),
      credentials.forget(A),
      credentials.update(A, (now) => Promise.resolve(now)),
      open(undefined, signal).update(A, (now) => Promise.resolve(now), { signal: AbortSignal.timeout(60) }),
    ]);
    for (const each of ended)
      expect(each).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } });
    expect(performance.now() - begunMs).toBeLessThan(5000);
  });
});
