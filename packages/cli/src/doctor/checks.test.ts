import { expect, it } from 'vitest';
import { KeyringError, type Keyring } from '../keys/keyring.js';
import { keyringCheck } from './keyring.js';
import { ClientError, combinePolicies, parseTrustPolicy, type Pin } from '@sheaf/client';
import { toolChecks } from './tools.js';
import { pinsCheck, trustCheck } from './trust.js';
import { describeVersion } from './versions.js';

const SIGNAL = new AbortController().signal;

it('names each tool with its version, and how to get what is missing', async () => {
  const run = async (platform: string) => {
    const deps = {
      env: {},
      platform,
      versionOf: (command: string) => Promise.resolve(command === 'git' ? 'git version 2.39.5' : undefined),
    };
    const found = await Promise.all(toolChecks(deps).map((check) => check.run(SIGNAL)));
    return found.flat().map(({ status, detail, remedy }) => [status, detail, remedy]);
  };
  expect(await run('linux')).toEqual([
    ['ok', 'git 2.39.5', undefined],
    [
      'warn',
      'no bwrap, so what was fetched runs only with --profile permissive',
      'apt-get install bubblewrap',
    ],
    ['skip', 'no podman, so no step can run in a container', 'apt-get install podman'],
  ]);
  expect((await run('darwin')).slice(1)).toEqual([
    ['skip', 'bwrap is for Linux alone', undefined],
    ['skip', 'no podman, so no step can run in a container', 'brew install podman'],
  ]);
});

it('puts something into the keyring, and takes it away again', async () => {
  const stored = new Map<string, string>();
  const keyring: Keyring = {
    find: (name) => Promise.resolve(stored.get(name)),
    put: (name, secret) => Promise.resolve(void stored.set(name, secret)),
    remove: (name) => Promise.resolve(void stored.delete(name)),
  };
  expect(await keyringCheck(keyring, () => 's').run(SIGNAL)).toMatchObject({ status: 'ok' });
  expect(stored.size).toBe(0);
  const broken = { ...keyring, put: () => Promise.reject(new KeyringError('it is locked')) };
  expect(await keyringCheck(broken, () => 's').run(SIGNAL)).toMatchObject({
    status: 'warn',
    detail: 'it is locked: tokens are kept in a file that only you can read',
  });
  expect(await keyringCheck(undefined, () => 's').run(SIGNAL)).toMatchObject({ status: 'skip' });
});

it('tells of a newer version, the newest that any registry knows of', () => {
  const sheaf = (known: readonly string[]) => describeVersion({ node: 'v20', own: '1.2.0', known })[1];
  expect(sheaf(['1.3.0', '1.10.0', '1.9.0'])).toMatchObject({
    status: 'warn',
    remedy: 'npm install --global @sheaf/cli@1.10.0',
  });
  expect(sheaf(['1.2.0', '1.1.0'])).toMatchObject({ status: 'ok', detail: '1.2.0, the newest' });
  expect(sheaf([])).toMatchObject({ status: 'ok' });
});

it('names the rules that anybody could meet', async () => {
  const look = async (oidc: string, more = '') => {
    const text = `version = 1\n[[publisher]]\nnamespace = "acme"\n${more}oidc = { issuer = "https://ci.example.com", ${oidc} }\n`;
    const policy = combinePolicies({ user: parseTrustPolicy(text, 'trust.toml') }, { ci: false });
    return trustCheck(() => Promise.resolve({ policy })).run(SIGNAL);
  };
  expect(await look('sub = "x"')).toMatchObject({ status: 'ok', detail: 'mode tofu (the default), 1 rule' });
  const open = await look('ref = "refs/heads/main", any_job = true');
  expect(open).toMatchObject({ status: 'warn', remedy: expect.stringContaining('trust.toml:2') as string });
  expect(open).toMatchObject({
    detail: expect.stringContaining("anybody's jobs may sign for acme") as string,
  });
  const beside = `keys = ["${'a'.repeat(64)}"]\nthreshold = 2\n`;
  expect(await look('ref = "x", any_job = true', beside)).toMatchObject({ status: 'ok' });
});

it('tells of a registry that is pinned twice, and how to mend it when the keys differ', async () => {
  const pin = (url: string, logKey: string): Pin => ({
    ...{ url, logKey, origin: 'wf.example.com', pinnedAt: '2026-03-01T00:00:00.000Z' },
    ...{ realms: new Map(), namespaces: new Map() },
  });
  const look = (...pins: readonly Pin[]) => {
    const findPinByOrigin = (origin: string) =>
      pins.some(({ logKey }) => logKey !== pins[0]?.logKey)
        ? Promise.reject(new ClientError('log.origin_taken', `${origin} has two keys`, { hint: 'choose' }))
        : Promise.resolve(pins[0]);
    const store = { listPins: () => Promise.resolve(pins), findPinByOrigin };
    return pinsCheck(() => Promise.resolve(store)).run(SIGNAL);
  };
  const [here, there] = [pin('http://127.0.0.1:7433', 'one'), pin('http://localhost:7433', 'one')];
  expect(await look(here)).toMatchObject({ status: 'ok', detail: '1 registry' });
  expect(await look(here, there)).toMatchObject({
    status: 'ok',
    detail: '1 registry; wf.example.com at 2 addresses, under one log key',
  });
  expect(await look(here, pin(there.url, 'two'))).toMatchObject([
    { status: 'fail', detail: 'wf.example.com has two keys', remedy: 'choose' },
  ]);
  expect(await pinsCheck(() => Promise.resolve(undefined)).run(SIGNAL)).toMatchObject({ status: 'ok' });
});
