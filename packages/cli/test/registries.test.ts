import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { createTestLog, testKey } from '../../client/src/testing/test-log.js';
import { createTestRegistry, ORIGIN } from '../../client/src/testing/test-registry.js';
import { problem, sendJson, startServer } from '../../client/test/support/server.js';
import { buildCli, createMachine, type Machine } from './harness.js';
import { run, serve, type Served } from './served-registry.js';

/** Two registries that are configured side by side. */
beforeAll(() => {
  buildCli();
});

const SPKI = `sha256/${'A'.repeat(43)}=`;

/** A registry with an origin and a log of its own, which has acme/deploy or not. */
async function serveOne(name: string, has: boolean): Promise<Served> {
  // What the test registry signs is for this origin alone.
  const origin = name === 'corp' ? ORIGIN : `${name}.example.com`;
  const registry = createTestRegistry(createTestLog({ origin: `${origin}/log/public` }));
  return serve(registry, has ? [await registry.publish()] : [], { origin });
}

function configure(machine: Machine, text: string): void {
  const dir = join(machine.dir, 'config', 'sheaf');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'config.toml'), text);
}

const tableOf = (registries: Readonly<Record<string, string>>) =>
  `[registries]\n${Object.entries(registries)
    .map(([name, url]) => `${name} = "${url}"\n`)
    .join('')}`;

it('a name in front of a reference means that registry, and no other is asked', async () => {
  const machine = createMachine();
  const [corp, tools] = await Promise.all([serveOne('corp', true), serveOne('tools', true)]);
  configure(machine, tableOf({ corp: corp.url, tools: tools.url }));
  const { status, stdout } = await run(machine, ['info', 'tools:acme/deploy', '--json']);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ registry: tools.url });
  // What was seen is what shells offer from now on.
  const words = readFileSync(join(machine.dir, 'cache', 'sheaf', 'completion', 'reference'), 'utf8');
  expect(words).toBe('acme/deploy\nacme/deploy@1.0.0\n');
  expect(corp.seen).toEqual([]);
  expect(tools.seen.length).toBeGreaterThan(0);
  const unknown = await run(machine, ['info', 'tool:acme/deploy']);
  expect([unknown.status, unknown.stderr]).toEqual([4, expect.stringContaining('did you mean tools')]);
  const both = await run(machine, ['info', 'tools:acme/deploy', '--registry', 'corp']);
  expect(both.status).toBe(2);
});

it('a pin is taken back by hand, by the key that it has, and the next contact is a first one', async () => {
  const machine = createMachine();
  const corp = await serveOne('corp', true);
  configure(machine, tableOf({ corp: corp.url }));
  const fetch = ['fetch', 'acme/deploy@1.0.0', '--yes'];
  expect((await run(machine, fetch)).status).toBe(0);
  const listed = (await run(machine, ['trust', 'list', '--json'])).stdout;
  const { registries } = JSON.parse(listed) as { registries: [{ logKey: string }] };
  const [{ logKey }] = registries;
  const forget = ['trust', 'forget', 'corp'];
  const unasked = await run(machine, forget);
  expect([unasked.status, unasked.stderr]).toEqual([5, expect.stringContaining('error[approval.required]')]);
  const unnamed = await run(machine, [...forget, '--yes']);
  expect([unnamed.status, unnamed.stderr]).toEqual([
    5,
    expect.stringContaining(`sheaf trust forget ${corp.url} --log-key ${logKey} --yes`),
  ]);
  const other = await run(machine, [...forget, '--yes', '--log-key', `${logKey}x`]);
  expect([other.status, other.stderr]).toEqual([4, expect.stringContaining(`pinned  ${logKey}`)]);
  expect((await run(machine, ['trust', 'list', '--json'])).stdout).toBe(listed);

  const gone = await run(machine, [...forget, '--yes', '--log-key', logKey, '--json'], {
    env: { CI: 'true' },
  });
  expect([gone.status, JSON.parse(gone.stdout)]).toMatchObject([
    0,
    { registry: corp.url, logKey, logs: [{ realm: 'public' }], forgotten: ['acme'], others: [] },
  ]);
  expect(gone.stderr).toContain('another key at this address is not noticed as another any more');
  expect(JSON.parse((await run(machine, ['trust', 'list', '--json'])).stdout)).toMatchObject({
    registries: [],
    accepted: [],
  });
  expect((await run(machine, ['fetch', 'acme/deploy@1.0.0', '--offline'])).status).toBe(5);
  const strict = await run(machine, fetch, { env: { CI: 'true' } });
  expect([strict.status, strict.stderr]).toEqual([5, expect.stringContaining('error[log.key_unpinned]')]);
  expect((await run(machine, fetch)).status).toBe(0);
  expect((await run(machine, ['trust', 'forget', 'nowhere.example.com'])).status).toBe(4);
}, 60_000);

it('without a name the only one that has it is used, and what several have is listed', async () => {
  const machine = createMachine();
  const [corp, tools] = await Promise.all([serveOne('corp', true), serveOne('tools', false)]);
  configure(machine, tableOf({ tools: tools.url, corp: corp.url }));
  // What is not shown to strangers may be there.
  const told = await run(machine, ['info', 'acme/deploy']);
  expect([told.status, told.stderr]).toEqual([0, expect.stringContaining('is taken from corp; tools was')]);
  for (const [args, env] of [
    [['fetch', 'acme/deploy', '--yes'], {}],
    [['info', 'acme/deploy'], { CI: 'true' }],
  ] as const) {
    const refused = await run(machine, args, { env });
    expect([refused.status, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('error[reference.registry_unsure]');
    expect(refused.stderr).toContain('say which: corp:acme/deploy or tools:acme/deploy');
  }
  // A token for other namespaces shows as little of this one as none.
  await run(machine, ['login', 'tools', '--yes', '--with-token'], { input: 'shf_0_narrow' });
  const narrow = await run(machine, ['info', 'acme/deploy'], { env: { CI: 'true' } });
  expect([narrow.status, narrow.stderr]).toEqual([2, expect.stringContaining('registry_unsure')]);
  await run(machine, ['login', 'tools', '--yes', '--with-token'], { input: 'shf_0_stored' });
  expect((await run(machine, ['info', 'acme/deploy'], { env: { CI: 'true' } })).stderr).toBe('');
  await run(machine, ['logout', 'tools']);
  await run(machine, ['registry', 'add', 'tools', '--anonymous']);
  const fetched = await run(machine, ['fetch', 'acme/deploy', '--yes']);
  expect([fetched.status, fetched.stdout]).toEqual([0, expect.stringContaining('acme/deploy@1.0.0')]);
  const second = await serveOne('second', true);
  configure(machine, tableOf({ corp: corp.url, second: second.url }));
  const { status, stdout, stderr } = await run(machine, ['verify', 'acme/deploy@^1']);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain('error[reference.registry_ambiguous]');
  expect(stderr).toContain('corp:acme/deploy@^1 or second:acme/deploy@^1');
  // Offline the cache answers, and only corp's has it.
  expect((await run(machine, ['verify', 'acme/deploy@^1', '--offline', '-q'])).status).toBe(0);
});

it('one that cannot be asked is not passed over, and none that has it is named', async () => {
  const machine = createMachine();
  const [corp, tools] = await Promise.all([serveOne('corp', true), serveOne('tools', false)]);
  const down = await startServer((_, response) => response.end('<p>under maintenance</p>'));
  configure(machine, tableOf({ corp: corp.url, down: down.url }));
  const failed = await run(machine, ['info', 'acme/deploy']);
  expect([failed.status, failed.stdout]).toEqual([6, '']);
  expect(failed.stderr).toContain('error[response.invalid]');
  expect(failed.stderr.replace(/\s+/g, ' ')).toContain('if you mean another: corp:acme/deploy');
  // What ends a request before it is sent has the same way round.
  configure(
    machine,
    `${tableOf({ corp: corp.url })}[registries.down]\nurl = "${down.url}"\nspki = ["${SPKI}"]\n`,
  );
  const refused = await run(machine, ['info', 'acme/deploy']);
  expect(refused.stderr).toContain('error[tls.pin_invalid]');
  expect(refused.stderr.replace(/\s+/g, ' ')).toContain('if you mean another: corp:acme/deploy');
  const other = await serveOne('other', false);
  configure(machine, tableOf({ tools: tools.url, other: other.url }));
  const none = await run(machine, ['yank', 'acme/deploy@1.0.0', '--reason', 'x', '--yes']);
  expect([none.status, none.stderr]).toEqual([
    4,
    expect.stringContaining('none of tools, other has acme/deploy'),
  ]);
});

it("a repository's registry gets neither a token nor a name of the user's", async () => {
  const machine = createMachine();
  const [corp, evil] = await Promise.all([serveOne('corp', false), serveOne('evil', true)]);
  configure(machine, `registry = "corp"\n${tableOf({ corp: corp.url })}`);
  const login = await run(machine, ['login', 'corp', '--yes', '--with-token'], { input: 'shf_0_stored' });
  expect(login.status).toBe(0);
  const project = join(machine.dir, 'project');
  mkdirSync(project);
  const toml = join(project, 'sheaf.toml');
  writeFileSync(toml, tableOf({ corp: evil.url }));
  const signIn = ['login', 'corp', '--yes', '--with-token'];
  const yank = ['yank', 'corp:acme/deploy@1.0.0', '--reason', 'x', '--yes'];
  for (const args of [signIn, ['logout', 'corp', '--revoke'], yank]) {
    const refused = await run(machine, args, { cwd: project, input: 'shf_0_stored' });
    expect([args, refused.status, refused.stderr]).toEqual([
      args,
      2,
      expect.stringContaining('error[reference.registry_ambiguous]'),
    ]);
  }
  expect(evil.seen).toEqual([]);
  // A name that is the repository's alone leads workflows there, and nothing that is secret.
  writeFileSync(toml, tableOf({ theirs: evil.url }));
  const env = { SHEAF_TOKEN: 'shf_0_variable', SHEAF_REGISTRY: 'theirs' };
  for (const more of [{}, env]) {
    const yanked = await run(machine, ['yank', 'theirs:acme/deploy@1.0.0', '--reason', 'x', '--yes'], {
      cwd: project,
      env: more,
    });
    expect([yanked.status, yanked.stderr]).toEqual([5, expect.stringContaining('error[auth.required]')]);
  }
  const given = await run(machine, ['login', 'theirs', '--yes', '--with-token'], {
    cwd: project,
    input: 'shf_0_typed',
  });
  expect([given.status, given.stderr]).toEqual([4, expect.stringContaining(`sheaf login ${evil.url}`)]);
  const read = await run(machine, ['info', 'acme/deploy', '--json'], { cwd: project });
  expect(JSON.parse(read.stdout)).toMatchObject({ registry: evil.url });
  expect(evil.seen.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
});

it('a project names the registry that a workflow was added from', async () => {
  const machine = createMachine();
  const [corp, tools] = await Promise.all([serveOne('corp', true), serveOne('tools', false)]);
  configure(machine, `registry = "tools"\n${tableOf({ tools: tools.url })}`);
  const project = join(machine.dir, 'project');
  mkdirSync(project);
  const add = (...more: readonly string[]) =>
    run(machine, ['add', 'acme/deploy', '--registry', corp.url, '--yes', ...more], { cwd: project });
  for (const more of [[], ['--registry-name', 'tools'], ['--registry-name', 'No name']]) {
    const refused = await add(...more);
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('usage.registry_name')]);
    expect(refused.stderr).toContain('--registry-name corp');
  }
  expect(corp.seen).toEqual([]);
  expect(await add('--registry-name', 'corp')).toMatchObject({ status: 0 });
  const toml = join(project, 'sheaf.toml');
  expect(readFileSync(toml, 'utf8')).toMatch(/deploy = "corp:acme\/deploy@\^1[^]*corp = "http:/);
  expect(await add()).toMatchObject({ status: 0 });
  expect((await add('--registry-name', 'other')).stderr).toContain('is called corp already');
});

it('a token is not sent to be revoked to whom shows another log key than the pinned one', async () => {
  const machine = createMachine();
  const lies: { logKey?: string } = {};
  const { url, seen } = await serve(createTestRegistry(), [], lies);
  const input = `shf_${'0'.repeat(16)}_stored`;
  expect((await run(machine, ['login', url, '--yes', '--with-token'], { input })).status).toBe(0);
  lies.logKey = createTestLog({ origin: `${ORIGIN}/log/public`, key: testKey(7) }).logKey;
  seen.length = 0;
  const { status, stdout } = await run(machine, ['logout', url, '--revoke', '--json']);
  expect([status, JSON.parse(stdout)]).toMatchObject([0, { forgotten: true, revoked: false }]);
  expect(seen.map(({ method, path, headers }) => [method, path, headers.authorization])).toEqual([
    ['GET', '/.well-known/sheaf-registry', undefined],
  ]);
});

it('registries are named, listed and forgotten by the command line', async () => {
  const machine = createMachine();
  const corp = await serveOne('corp', true);
  const ok = async (args: readonly string[], input?: string) => {
    const done = await run(machine, args, input === undefined ? {} : { input });
    expect([done.status, done.stderr]).toEqual([0, done.stderr]);
    return done;
  };
  expect((await ok(['registry', 'add', 'corp', `${corp.url}/`, '--default'])).stderr).toContain(
    'next: sheaf login corp',
  );
  await ok(['registry', 'add', 'far', 'https://far.example', '--account', 'work']);
  await ok(['registry', 'login', 'corp', '--yes', '--with-token', '--account', 'home'], 'shf_0_stored');
  const { registries } = JSON.parse((await ok(['registry', 'list', '--json'])).stdout) as {
    registries: readonly Record<string, unknown>[];
  };
  expect(registries).toEqual([
    {
      name: 'corp',
      url: corp.url,
      from: 'config.toml',
      default: true,
      spki: [],
      origin: ORIGIN,
      logKey: expect.any(String) as string,
      pinnedAt: expect.any(String) as string,
      accounts: [{ account: 'home', user: 'ana', in: 'file', used: true }],
    },
    {
      name: 'far',
      url: 'https://far.example',
      from: 'config.toml',
      default: false,
      spki: [],
      accounts: [],
    },
  ]);
  const removed = await ok(['registry', 'remove', 'corp']);
  expect(removed.stderr).toContain(`sheaf logout ${corp.url} --all`);
  expect(removed.stderr).toContain('now far is used');
  const unknown = await run(machine, ['registry', 'remove', 'corp']);
  expect(unknown.status).toBe(4);
});

it('a lockfile remembers which registry a workflow is of, also when another one has it later', async () => {
  const machine = createMachine();
  const [corp, tools, late] = await Promise.all([
    serveOne('corp', true),
    serveOne('tools', false),
    serveOne('late', true),
  ]);
  const project = join(machine.dir, 'project');
  mkdirSync(project);
  const write = (other: Served) => {
    const table = tableOf({ corp: corp.url, other: other.url });
    writeFileSync(join(project, 'sheaf.toml'), `${table}[workflows]\nship = "acme/deploy@^1"\n`);
  };
  const lock = (...args: readonly string[]) => run(machine, ['lock', ...args], { cwd: project });
  write(tools);
  expect((await lock('--yes')).stderr).toContain('error[reference.registry_unsure]');
  tools.seen.length = 0;
  await run(machine, ['registry', 'add', 'public', tools.url, '--anonymous']);
  const first = await lock('--yes');
  expect([first.status, first.stderr]).toEqual([0, first.stderr]);
  expect(tools.seen.map(({ path }) => path)).toEqual(['/v1/workflows/acme/deploy']);
  write(late);
  for (const args of [['--check'], ['ship', '--yes']]) expect((await lock(...args)).status).toBe(0);
  const path = join(project, 'sheaf.lock');
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('\n', '\r\n'));
  expect(await lock('--refresh')).toMatchObject({ status: 0 });
  expect(readFileSync(path, 'utf8')).not.toContain('\r');
  const diff = await run(machine, ['diff', 'ship', '--json'], { cwd: project });
  expect(JSON.parse(diff.stdout)).toMatchObject({ after: { id: 'acme/deploy', version: '1.0.0' } });
  expect(late.seen).toEqual([]);
  const ambiguous = await run(machine, ['info', 'acme/deploy'], { cwd: project });
  expect(ambiguous.stderr).toContain('corp:acme/deploy or other:acme/deploy');
});

it('pins and proxies hold for an address, by whichever name it is used', async () => {
  const machine = createMachine();
  const corp = await serveOne('corp', true);
  configure(machine, `[registries.corp]\nurl = "${corp.url}"\nspki = ["${SPKI}"]\n`);
  // This registry has no certificate to pin, which is refused before anything is sent.
  const pinned = await run(machine, ['search', 'x', '--registry', `${corp.url}/`]);
  expect([pinned.status, pinned.stderr]).toEqual([2, expect.stringContaining('error[tls.pin_invalid]')]);
  expect(corp.seen).toEqual([]);
  const proxy = await startServer((_, response) => {
    sendJson(response, problem('route.not_found', 404), 404);
  });
  const far = await run(machine, ['search', 'x', '--registry', 'http://registry.test'], {
    env: { HTTP_PROXY: proxy.url },
  });
  expect(far.status).toBe(4);
  expect(proxy.seen.map(({ path }) => path)[0]).toMatch(/^http:\/\/registry\.test\/v1\/workflows\?/);
});
