import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUDIENCE, startProvider, type RunningProvider } from './support/identity-provider.js';
import { json } from './support/namespace.js';
import {
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from './support/registry-process.js';
import { createPerson, type CliResult, type Person } from './support/sheaf.js';
import { createUserAgent } from './support/user-agent.js';

/** Signing in at a real OpenID provider, by the command line and by a browser; a script is the browser. */
let dir: string;
const closers: (() => Promise<void>)[] = [];
let provider: RunningProvider;
let registry: RegistryProcess;

beforeAll(async () => {
  dir = await makeTempDir();
  // Tokens that the command line takes for ended almost at once, so that it renews them all the time.
  provider = await startProvider({ accessTokenSeconds: 31 });
  closers.push(() => provider.close());
  registry = await startRegistryProcess({ dataDir: join(dir, 'data'), env: provider.env });
  closers.push(() => registry.stop());
}, 120_000);
afterAll(async () => {
  for (const close of closers.reverse()) await close();
  await removeDir(dir);
});

const credentialsOf = (person: Person) => join(person.home, '.config', 'sheaf', 'credentials.json');
const newPerson = (name: string) => createPerson(join(dir, name), { BROWSER: '/bin/true' });

/** Signs in by the browser of the machine. */
async function loginByBrowser(
  person: Person,
  login: string,
  more: readonly string[] = [],
): Promise<CliResult> {
  let visit: Promise<unknown> | undefined;
  const result = await person.ok(
    ['login', registry.url, '--yes', '--browser', '--resource', AUDIENCE, ...more],
    {
      onTalk: (talk) => {
        const url = /^ {2}open {2}(\S+)$/m.exec(talk)?.[1];
        if (url === undefined) return;
        visit ??= createUserAgent(provider.issuer)
          .signIn(url, login)
          .then((callback) => fetch(callback));
      },
    },
  );
  await visit;
  return result;
}

/** Signs in by a code that is entered elsewhere. */
async function loginByCode(
  person: Person,
  login: string,
  at: { url: string; issuer: string },
): Promise<CliResult> {
  let visit: Promise<void> | undefined;
  const result = await person.ok(['login', at.url, '--yes', '--device', '--resource', AUDIENCE], {
    onTalk: (talk) => {
      const url = /^ {2}or {4}(\S+)$/m.exec(talk)?.[1];
      if (url !== undefined) visit ??= createUserAgent(at.issuer).enterCode(url, login);
    },
  });
  await visit;
  return result;
}

async function refreshTokenOf(person: Person): Promise<string> {
  const { registries } = JSON.parse(await readFile(credentialsOf(person), 'utf8')) as {
    registries: { signIn: { refreshToken: string } }[];
  };
  return registries[0]?.signIn.refreshToken ?? '';
}

/** Changes what is stored, as a time that passes or a provider that revokes would. */
async function changeSignIn(person: Person, change: Readonly<Record<string, string>>): Promise<void> {
  const path = credentialsOf(person);
  const stored = JSON.parse(await readFile(path, 'utf8')) as { registries: { signIn: object }[] };
  for (const entry of stored.registries) entry.signIn = { ...entry.signIn, ...change };
  await writeFile(path, JSON.stringify(stored), { mode: 0o600 });
}

const renewAt = async (refreshToken: string) => {
  const response = await fetch(`${provider.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: 'cli',
      refresh_token: refreshToken,
      resource: AUDIENCE,
    }),
  });
  return response.status;
};

describe('the command line', () => {
  test('signs in by a code, and keeps what it got where nobody else reads it', async () => {
    const ana = await newPerson('ana');
    const said = await loginByCode(ana, 'ana', { url: registry.url, issuer: provider.issuer });
    expect(said.stderr).toMatch(/^ {2}code {2}[A-Z]{4}-[A-Z]{4}$/m);
    expect(said.stderr).toContain(`signed in to ${registry.url} as ana`);
    expect((await stat(credentialsOf(ana))).mode & 0o777).toBe(0o600);
    expect(await json(ana, ['whoami'])).toMatchObject({
      user: 'ana',
      admin: false,
      via: 'oidc',
      token: { scopes: ['*'] },
    });
    // All that a person may do, the sign-in may do.
    await ana.ok(['namespace', 'create', 'anas']);
    expect((await ana.ok(['namespace', 'list'])).stdout).toBe('anas\towner\tpublic\n');
  });

  test('signs in for nothing that is not named after the registry, unless somebody agrees to it', async () => {
    const wary = await newPerson('wary');
    const refused = await wary.sheaf(['login', registry.url, '--yes', '--browser']);
    expect([refused.code, refused.stderr.includes('auth.sign_in_refused')]).toEqual([5, true]);
    expect(refused.stderr).not.toContain('  open  ');
  });

  test('signs in by the browser of the machine', async () => {
    const root = await newPerson('root');
    const said = await loginByBrowser(root, 'root');
    expect(said.stderr).toContain('as root-2 · admin');
    expect(await json(root, ['whoami'])).toMatchObject({ admin: true, via: 'oidc' });
  });

  test('renews a token that has ended, once for all that run at once', async () => {
    const ben = await newPerson('ben');
    await loginByBrowser(ben, 'ben');
    const first = await refreshTokenOf(ben);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const answers = await Promise.all([1, 2, 3, 4].map(() => ben.sheaf(['whoami', '--json'])));
    expect(answers.map(({ code, stderr }) => [code, stderr])).toEqual([1, 2, 3, 4].map(() => [0, '']));
    const second = await refreshTokenOf(ben);
    expect(second).not.toBe(first);
    // One that was used is worth nothing, and whoever uses it again ends the sign-in: then that is said.
    expect(await renewAt(first)).toBe(400);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const ended = await ben.sheaf(['whoami']);
    expect([ended.code, ended.stderr]).toEqual([5, expect.stringContaining('auth.sign_in_ended')]);
    expect(ended.stderr).toContain('sign in again: sheaf login');
  });

  test('ends the sign-in at the provider, too', async () => {
    const cho = await newPerson('cho');
    await loginByBrowser(cho, 'cho');
    const kept = await refreshTokenOf(cho);
    expect((await cho.ok(['logout'])).stderr).toContain('here and at the identity provider');
    expect(await renewAt(kept)).toBe(400);
    expect((await cho.sheaf(['whoami'])).code).toBe(5);
  });

  test('renews a token that the registry does not take although its time is not over', async () => {
    const fox = await newPerson('fox');
    await loginByBrowser(fox, 'fox');
    await changeSignIn(fox, { accessToken: 'revoked', expiresAt: '2100-01-01T00:00:00.000Z' });
    expect(await json(fox, ['whoami'])).toMatchObject({ user: 'fox', via: 'oidc', tokenFrom: 'file' });
    expect(await readFile(credentialsOf(fox), 'utf8')).not.toContain('revoked');
  });

  test('keeps several accounts, uses one, and forgets them all', async () => {
    const gus = await newPerson('gus');
    await loginByBrowser(gus, 'gus', ['--account', 'home']);
    const said = await loginByBrowser(gus, 'gus-at-work', ['--account', 'work']);
    expect(said.stderr).toContain('as gus-at-work (account work)');
    const unclear = await gus.sheaf(['whoami']);
    expect([unclear.code, unclear.stderr]).toEqual([5, expect.stringContaining('SHEAF_ACCOUNT=home')]);
    expect(await json(gus, ['whoami'], { SHEAF_ACCOUNT: 'home' })).toMatchObject({ user: 'gus' });
    await gus.ok(['registry', 'add', 'corp', registry.url, '--account', 'work']);
    expect(await json(gus, ['whoami'])).toMatchObject({ user: 'gus-at-work', account: 'work' });
    expect(
      (await gus.ok(['logout', 'corp', '--all'])).stderr.match(/at the identity provider/g),
    ).toHaveLength(2);
    expect(await readFile(credentialsOf(gus), 'utf8')).not.toContain('signIn');
  });

  test('gives a namespace away after a fresh sign-in', async () => {
    const dee = await newPerson('dee');
    const eli = await newPerson('eli');
    await loginByBrowser(dee, 'dee', ['--fresh']);
    await loginByBrowser(eli, 'eli');
    await dee.ok(['namespace', 'create', 'dees']);
    await dee.ok(['namespace', 'members', 'invite', 'dees', 'eli', '--role', 'reader']);
    expect((await eli.ok(['invitations'])).stdout).toMatch(/\tdees\treader, invited by dee\t\d{4}-/);
    await eli.ok(['invitations', 'accept', 'dees']);
    await json(dee, ['namespace', 'transfer', 'dees', 'eli', '--yes']);
    expect((await eli.ok(['invitations', 'accept', 'dees'])).stderr).toContain('you are owner of dees');
    expect((await eli.ok(['namespace', 'members', 'dees'])).stdout).toBe('eli\towner\t\ndee\tmaintainer\t\n');
    const unasked = await dee.sheaf(['namespace', 'members', 'remove', 'dees', 'dee']);
    expect([unasked.code, unasked.stderr]).toEqual([5, expect.stringContaining('approval.required')]);
    expect(unasked.stderr).toContain('dee, maintainer, loses every right in dees');
    const refused = await eli.sheaf(['namespace', 'members', 'remove', 'dees', 'eli', '--yes']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('member.last_owner')]);
    await dee.ok(['namespace', 'members', 'remove', 'dees', 'dee', '--yes']);
  });

  test('makes, lists and revokes tokens', async () => {
    const fay = await newPerson('fay');
    await loginByBrowser(fay, 'fay');
    await fay.ok(['namespace', 'create', 'fays']);
    const args = ['token', 'create', '--name', 'ci', '--scope', 'publish', '--workflow', 'fays/x'];
    const made = await json(fay, [...args, '--expires', '30d']);
    expect(made).toMatchObject({ scopes: ['publish:fays/x'] });
    expect((await fay.ok(['token', 'list'])).stdout).toMatch(
      /^[0-9a-f]{16}\tci\tpublish:fays\/x\t\t\d{4}-\d{2}-\d{2}T\S+\n$/,
    );
    const unknown = await fay.sheaf(['token', 'create', '--name', 'x', '--scope', 'bogus']);
    const scopes = / one of ([a-z, ]+), each /.exec(unknown.stderr)?.[1]?.split(', ') ?? [];
    const { stdout: help } = await fay.ok(['token', 'create', '--help']);
    const told = /what it may do: ([a-z, ]+) \(/.exec(help)?.[1]?.split(', ') ?? [];
    expect(scopes).toContain('publish');
    expect([...told].sort()).toEqual([...scopes].sort());
    const endless = await fay.sheaf(['token', 'create', '--name', 'x', '--no-expiry']);
    expect([endless.code, endless.stderr]).toEqual([5, expect.stringContaining('token.lifetime_refused')]);
    const env = { SHEAF_REGISTRY: registry.url, SHEAF_TOKEN: made['token'] as string };
    expect(await json(fay, ['whoami'], env)).toMatchObject({ user: 'fay', via: 'token' });
    const unasked = await fay.sheaf(['token', 'revoke', made['id'] as string]);
    expect([unasked.code, unasked.stderr]).toEqual([
      5,
      expect.stringMatching(/ ci, used \d+ seconds? ago: the next/),
    ]);
    await fay.ok(['token', 'revoke', made['id'] as string, '--yes']);
    expect((await fay.sheaf(['whoami'], { env })).code).toBe(5);
    expect((await fay.ok(['token', 'list'])).stdout).toBe('');
  });

  test('forgets a token, and has it revoked only when asked', async () => {
    const hob = await newPerson('hob');
    await loginByBrowser(hob, 'hob');
    const made = await json(hob, ['token', 'create', '--name', 'desk']);
    const token = made['token'] as string;
    const env = { SHEAF_REGISTRY: registry.url, SHEAF_TOKEN: token };
    const login = ['login', registry.url, '--with-token', '--account', 'desk'];
    await hob.ok(login, { input: token });
    const kept = await hob.ok(['logout', '--account', 'desk']);
    expect(kept.stderr).toContain(`was not revoked and expires`);
    expect(kept.stderr).toContain(`sheaf token revoke ${made['id'] as string}`);
    expect((await hob.sheaf(['whoami'], { env })).code).toBe(0);
    await hob.ok(login, { input: token });
    expect((await hob.ok(['logout', '--account', 'desk', '--revoke'])).stderr).toContain(
      'its token is revoked',
    );
    expect((await hob.sheaf(['whoami'], { env })).code).toBe(5);
    expect(await json(hob, ['whoami'])).toMatchObject({ via: 'oidc' });
  });

  test('does not sign in by itself where nobody is there to do it', async () => {
    const cron = await newPerson('cron');
    const said = await cron.ok(['login', registry.url, '--yes']);
    expect(said.stderr).toContain('not signed in');
    const exclusive = await cron.sheaf(['login', '--device', '--with-token'], { input: 'x' });
    expect(exclusive.code).toBe(2);
    // A file of an earlier hand is said to be damaged, not taken for no sign-in.
    await writeFile(credentialsOf(cron), '{"registries":[{"url":1}]}', { mode: 0o600 });
    expect((await cron.sheaf(['whoami'])).stderr).toContain('config.invalid');
  });
});

test('opaque tokens are asked about at the provider', async () => {
  const opaque = await startProvider({ isOpaque: true });
  closers.push(() => opaque.close());
  const other = await startRegistryProcess({ dataDir: join(dir, 'opaque'), env: opaque.env });
  closers.push(() => other.stop());
  const gil = await newPerson('gil');
  await loginByCode(gil, 'gil', { url: other.url, issuer: opaque.issuer });
  expect(await json(gil, ['whoami'])).toMatchObject({ user: 'gil', via: 'oidc' });
  // A provider that is away is no sign-in that has ended: what is stored stays.
  await opaque.close();
  await changeSignIn(gil, { expiresAt: '2000-01-01T00:00:00.000Z' });
  const away = await gil.sheaf(['whoami']);
  expect([away.code, away.stderr]).toEqual([6, expect.stringContaining('error[network.sign_in]')]);
  expect(await readFile(credentialsOf(gil), 'utf8')).toContain('refreshToken');
  // What cannot be ended there is forgotten here all the same, and said.
  expect((await gil.ok(['logout'])).stderr).toContain('did not say that it ended the sign-in');
}, 120_000);

describe('a browser', () => {
  /** The cookies that an answer sets, as a browser sends them back. */
  const cookiesOf = (response: Response) =>
    response.headers
      .getSetCookie()
      .filter((line) => !line.includes('; Max-Age=0;'))
      .map((line) => line.split(';')[0] ?? '')
      .join('; ');
  const visit = (path: string, init: RequestInit = {}) =>
    fetch(`${registry.url}${path}`, { redirect: 'manual', ...init });

  /** Signs in and returns the answer at the end, and the way there. */
  async function signIn(login: string, query: string) {
    const begun = await visit(`/auth/login${query}`);
    expect(begun.status).toBe(303);
    const callback = await createUserAgent(provider.issuer).signIn(
      begun.headers.get('location') ?? '',
      login,
    );
    expect(callback.startsWith(`${registry.url}/auth/callback?`)).toBe(true);
    const cookie = cookiesOf(begun);
    return {
      callback,
      cookie,
      begun,
      ended: await visit(callback.slice(registry.url.length), { headers: { cookie } }),
    };
  }

  test('gets a session that no script reads, and goes on where it came from', async () => {
    const { begun, ended, callback, cookie: pending } = await signIn('hal', '?return=%2Facme%3Fx%3D1%23y');
    expect([ended.status, ended.headers.get('location')]).toEqual([303, `${registry.url}/acme?x=1#y`]);
    for (const line of [...begun.headers.getSetCookie(), ...ended.headers.getSetCookie()])
      expect(line).toMatch(/; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
    const cookie = cookiesOf(ended);
    const whoami = await visit('/v1/whoami', { headers: { cookie } });
    expect(await whoami.json()).toMatchObject({ user: 'hal', via: 'oidc', token: { name: 'browser' } });
    expect(whoami.headers.get('cache-control')).toContain('no-store');
    expect(whoami.headers.get('access-control-allow-origin')).toBeNull();
    // The same answer of the provider again, or in another browser, signs nobody in.
    for (const other of [pending, '', 'sheaf-login=forged'])
      expect((await visit(callback.slice(registry.url.length), { headers: { cookie: other } })).status).toBe(
        400,
      );
  });

  test('writes from a page of this origin alone, until it signs out', async () => {
    const { ended } = await signIn('ida', '');
    expect(ended.headers.get('location')).toBe(`${registry.url}/auth/session`);
    const cookie = cookiesOf(ended);
    const page = async () => (await visit('/auth/session', { headers: { cookie } })).text();
    expect(await page()).toContain('<h1>signed in as ida</h1>');
    const create = (headers: Record<string, string>, name: string) =>
      visit('/v1/namespaces', {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ name }),
      });
    const own = registry.url;
    expect((await create({}, 'ida-a')).status).toBe(403);
    expect((await create({ origin: 'https://evil.example' }, 'ida-a')).status).toBe(403);
    expect((await create({ origin: own, 'sec-fetch-site': 'cross-site' }, 'ida-a')).status).toBe(403);
    expect((await create({ origin: own }, 'ida-a')).status).toBe(201);
    expect((await create({ 'sec-fetch-site': 'same-origin' }, 'ida-b')).status).toBe(201);
    const logout = (headers: Record<string, string>) =>
      visit('/auth/logout', { method: 'POST', headers: { cookie, ...headers } });
    expect((await logout({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await visit('/v1/whoami', { headers: { cookie } })).status).toBe(200);
    expect((await logout({ origin: own })).status).toBe(303);
    expect((await visit('/v1/whoami', { headers: { cookie } })).status).toBe(401);
    expect(await page()).toContain('<h1>not signed in</h1>');
  });

  test('says when it signed in after a fresh one, and is led nowhere else', async () => {
    const { ended } = await signIn('jim', '?fresh=true&return=%2F.%2F%2Fevil.example');
    expect(ended.headers.get('location')).toBe(`${registry.url}/auth/session`);
    const whoami = await visit('/v1/whoami', { headers: { cookie: cookiesOf(ended) } });
    expect(await whoami.json()).toMatchObject({
      authenticatedAt: expect.stringMatching(/^\d{4}-/) as string,
    });
  });
});
