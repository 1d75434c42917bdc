import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTestLog, testKey } from '../../client/src/testing/test-log.js';
import { createTestRegistry, ORIGIN } from '../../client/src/testing/test-registry.js';
import { buildCli, createMachine, type Finished, type Machine } from './harness.js';
import { PUBLISH, run, serve, writeFlow, type MoreLies } from './served-registry.js';

beforeAll(() => {
  buildCli();
});

describe('the token', () => {
  it('goes to the registry that the environment names, and to no other', async () => {
    const machine = createMachine();
    const registry = createTestRegistry();
    const [mine, other] = await Promise.all([serve(registry, []), serve(registry, [])]);
    const env = { SHEAF_REGISTRY: mine.url, SHEAF_TOKEN: 'shf_1_secret' };
    expect((await run(machine, ['whoami'], { env })).status).toBe(0);
    expect((await run(machine, ['whoami', '--registry', `${mine.url}/`], { env })).status).toBe(0);
    expect(mine.seen.map((request) => request.headers.authorization)).toEqual([
      'Bearer shf_1_secret',
      'Bearer shf_1_secret',
    ]);
    const refused = await run(machine, ['whoami', '--registry', other.url], { env });
    expect([refused.status, refused.stderr]).toEqual([
      5,
      expect.stringContaining(`SHEAF_REGISTRY=${other.url}`),
    ]);
    expect((await run(machine, ['login', other.url, '--yes'], { env })).stderr).toContain('not signed in');
    expect(other.seen.filter((request) => request.headers.authorization !== undefined)).toEqual([]);
  });

  it('does not go with reads of what is public', async () => {
    const machine = createMachine();
    const registry = createTestRegistry();
    const { url, seen } = await serve(registry, [await registry.publish()]);
    const env = { SHEAF_REGISTRY: url, SHEAF_TOKEN: 'shf_1_secret' };
    expect((await run(machine, ['search', 'x'], { env })).status).toBe(0);
    expect((await run(machine, ['info', 'acme/deploy'], { env })).status).toBe(0);
    expect((await run(machine, ['fetch', 'acme/deploy', '--yes'], { env })).status).toBe(0);
    expect(seen.length).toBeGreaterThan(6);
    expect(seen.filter((request) => request.headers.authorization !== undefined)).toEqual([]);
  });
});

describe('what a registry says of itself', () => {
  it('is neither printed nor pinned when its origin is no host', async () => {
    const machine = createMachine();
    const origin = 'x$(touch${IFS}sprung)';
    const registry = createTestRegistry(createTestLog({ origin: `${origin}/log/public` }));
    const { url } = await serve(registry, [], { origin });
    for (const env of [{}, { CI: 'true' }]) {
      const { status, stderr } = await run(machine, ['login', url, '--yes'], { env });
      expect(status).toBe(6);
      expect(stderr).not.toContain('--log-key x$');
      expect(stderr).toContain('which is no host');
    }
  });

  it('is not pinned when its log key has another name', async () => {
    const registry = createTestRegistry();
    const { logKey } = createTestLog({ origin: 'evil.example.com/log/public' });
    const { url } = await serve(registry, [], { logKey });
    const { status, stdout, stderr } = await run(createMachine(), ['login', url], { env: { CI: 'true' } });
    expect([status, stdout]).toEqual([6, '']);
    expect(stderr).not.toContain(logKey);
  });

  it.each([
    ['a version that is another', { version: '1.0.0\n\u001b[2Jsheaf run evil/x' }],
    ['an id that is another', { id: 'evil/deploy' }],
    ['a time that moves the cursor', { publishedAt: '\u009b2J' }],
  ])('is not shown by info when it is %s', async (_, change) => {
    const registry = createTestRegistry();
    const version = (honest: object) => ({ ...honest, ...change });
    const { url } = await serve(registry, [await registry.publish()], { version });
    const { status, stdout, stderr } = await run(createMachine(), ['info', 'acme/deploy', '--registry', url]);
    expect([status, stdout]).toEqual([6, '']);
    expect(stderr).toContain('error[response.invalid]');
  });
});

it('loads nothing of HTTP to work offline, and no more than Node has for a direct connection', async () => {
  const machine = createMachine();
  const registry = createTestRegistry();
  const { url } = await serve(registry, [await registry.publish()]);
  const trace = join(machine.dir, 'trace.cjs');
  const loaded = join(machine.dir, 'loaded');
  writeFileSync(
    trace,
    `const fs = require('node:fs');
const read = fs.readFileSync;
fs.readFileSync = (path, ...rest) => {
  fs.appendFileSync(${JSON.stringify(loaded)}, path + '\\n');
  return read(path, ...rest);
};
process.once('exit', () => fs.appendFileSync(${JSON.stringify(loaded)}, process.moduleLoadList.join('\\n')));`,
  );
  const env = { SHEAF_REGISTRY: url };
  expect((await run(machine, ['fetch', 'acme/deploy', '--yes'], { env })).status).toBe(0);
  const traced = { ...env, NODE_OPTIONS: `--require "${trace}"` };
  const args = ['verify', 'acme/deploy', '--offline'];
  expect(await run(machine, args, { env: traced })).toMatchObject({ status: 0 });
  expect(readFileSync(loaded, 'utf8')).toContain('NativeModule fs\n');
  expect(readFileSync(loaded, 'utf8')).not.toMatch(/undici|NativeModule https?\n/);
  expect((await run(machine, ['verify', 'acme/deploy'], { env: traced })).status).toBe(0);
  expect(readFileSync(loaded, 'utf8')).toContain('NativeModule http\n');
  expect(readFileSync(loaded, 'utf8')).not.toMatch(/undici|NativeModule https\n/);
});

describe('a registry that shows another log key than the pinned one', () => {
  const lies: { logKey?: string } = {};
  const shownKey = createTestLog({ origin: `${ORIGIN}/log/public`, key: testKey(5) }).logKey;

  async function pinned(machine: Machine) {
    const registry = createTestRegistry();
    delete lies.logKey;
    const served = await serve(registry, [await registry.publish()], lies);
    const env = { SHEAF_REGISTRY: served.url, SHEAF_TOKEN: 'shf_1_secret' };
    expect((await run(machine, ['login', served.url, '--yes'], { env })).status).toBe(0);
    lies.logKey = shownKey;
    served.seen.length = 0;
    return { ...served, env, pinnedKey: registry.log.logKey };
  }

  it.each([
    ['search x'],
    ['info acme/deploy'],
    ['whoami'],
    ['token create --name n'],
    ['deprecate acme/deploy@1.0.0 --reason r'],
    ['undeprecate acme/deploy@1.0.0'],
    ['publish flow --yes'],
    ['fetch acme/none'],
  ])('is refused by `%s`, which sends nothing of its user', async (command) => {
    const machine = createMachine();
    writeFlow(machine);
    const { env, seen, pinnedKey, url } = await pinned(machine);
    const { status, stdout, stderr } = await run(machine, command.split(' '), { env });
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toContain('error[log.key_changed]');
    expect(stderr).toContain(pinnedKey);
    expect(stderr).toContain(`made this registry anew: sheaf login ${url} --replace-log-key ${shownKey}`);
    expect(
      seen.filter(({ method, headers }) => method !== 'GET' || headers.authorization !== undefined),
    ).toEqual([]);
  });

  it('is accepted on purpose only, by the very key that it shows', async () => {
    const machine = createMachine();
    const { env, url, pinnedKey } = await pinned(machine);
    const login = (...args: string[]): Promise<Finished> => run(machine, ['login', url, ...args], { env });
    expect((await login('--yes')).status).toBe(3);
    const other = await login('--replace-log-key', pinnedKey, '--yes');
    expect([other.status, other.stderr]).toEqual([3, expect.stringContaining('error[log.key_unknown]')]);
    expect((await login('--replace-log-key', shownKey, '--log-key', shownKey)).status).toBe(2);
    const accepted = await login('--replace-log-key', shownKey);
    expect(accepted.status).toBe(0);
    expect(accepted.stderr).toContain('replaced by the one given');
    expect((await run(machine, ['whoami'], { env })).status).toBe(0);
  });

  it('is named with both keys when what it serves is signed with the other', async () => {
    const machine = createMachine();
    const registry = createTestRegistry();
    const forger = createTestLog({ origin: `${ORIGIN}/log/public`, key: testKey(5) });
    const served: MoreLies & { logKey?: string; checkpoint?: () => string } = {};
    const { url } = await serve(registry, [await registry.publish()], served);
    const env = { SHEAF_REGISTRY: url };
    expect((await run(machine, ['fetch', 'acme/deploy', '--yes'], { env })).status).toBe(0);
    served.logKey = forger.logKey;
    served.checkpoint = () => forger.checkpoint();
    const { status, stderr } = await run(machine, ['verify', 'acme/deploy'], { env });
    expect([status, stderr]).toEqual([3, expect.stringContaining('error[log.key_unknown]')]);
    expect(stderr).not.toContain('damaged');
    expect(stderr).toContain(`pinned  ${registry.log.logKey}`);
    expect(stderr).toContain(`shown   ${forger.logKey}`);
    expect(stderr).toContain('--replace-log-key');
  });
});

it('says whose names are near when a workflow is not found', async () => {
  const machine = createMachine();
  const hit = {
    id: 'acme/deploy',
    version: '1.0.0',
    tags: [],
    publishedAt: '2026-03-01T00:00:00Z',
    state: 'active',
    permissionKinds: [],
    downloads: 0,
  };
  const { url } = await serve(createTestRegistry(), [], { near: [hit] });
  const { status, stderr } = await run(machine, ['info', 'acme/deploy'], { env: { SHEAF_REGISTRY: url } });
  expect(status).toBe(4);
  expect(stderr).toContain('near it: acme/deploy');
  expect(stderr).toContain('sheaf info acme/deploy');
});

it('says where a refused token came from, and how another takes its place', async () => {
  const machine = createMachine();
  const { url } = await serve(createTestRegistry(), []);
  const given = { SHEAF_REGISTRY: url, SHEAF_TOKEN: 'shf_0_bad' };
  const fromVariable = await run(machine, ['whoami'], { env: given });
  expect([fromVariable.status, fromVariable.stderr]).toEqual([
    5,
    expect.stringContaining('it stands in SHEAF_TOKEN'),
  ]);
  const login = await run(machine, ['login', url, '--with-token', '--yes'], { input: 'shf_0_bad\n' });
  expect([login.status, login.stderr]).toEqual([
    5,
    expect.stringContaining(`sheaf login ${url} --with-token < FILE-WITH-THE-TOKEN`),
  ]);
});

it('says of a mirror that it is one, and not that a sign-in is missing', async () => {
  const machine = createMachine();
  writeFlow(machine);
  const registry = createTestRegistry();
  const [mirror, other] = await Promise.all([serve(registry, [], { mirror: true }), serve(registry, [])]);
  const publish = (url: string) => run(machine, PUBLISH, { env: { SHEAF_REGISTRY: url } });
  const refused = await publish(mirror.url);
  expect([refused.status, refused.stderr]).toEqual([5, expect.stringContaining('error[registry.mirror]')]);
  expect(refused.stderr).not.toContain('sheaf login');
  const login = await run(machine, ['login', mirror.url, '--yes']);
  expect([login.status, login.stderr]).toEqual([0, expect.stringContaining('nobody signs in to it')]);
  const unsigned = await publish(other.url);
  expect([unsigned.status, unsigned.stderr]).toEqual([5, expect.stringContaining('error[auth.required]')]);
});

it('says what --yes accepted', async () => {
  const machine = createMachine();
  const registry = createTestRegistry();
  const { url } = await serve(registry, [await registry.publish()]);
  const { stderr } = await run(machine, ['run', 'acme/deploy', '--yes'], { env: { SHEAF_REGISTRY: url } });
  expect(stderr).toContain(`origin   ${ORIGIN}, which is NOT the host ${new URL(url).host} of its address\n`);
  expect(stderr).toContain(`log key  ${registry.log.logKey}\naccepted by --yes: this key`);
  expect(stderr).toContain('accepted by --yes: this key, for all of acme from now on');
  expect(stderr).toContain('agreed to by --yes: what is listed here');
});

it('shows what to take instead of a version that was taken back, and what is left of a workflow of which all were', async () => {
  const machine = createMachine();
  const registry = createTestRegistry();
  let left = 'yanked';
  const document = (honest: { readonly versions: readonly object[] }): object => ({
    ...honest,
    channels: {},
    versions: [
      ...honest.versions.map((version) => ({ ...version, state: 'yanked', reason: 'bad' })),
      ...honest.versions.map((version) => ({ ...version, version: '0.9.0', state: left })),
    ],
  });
  const version = (honest: object): object => ({ ...honest, state: 'yanked', reason: 'bad' });
  const { url } = await serve(registry, [await registry.publish()], { document, version });
  const info = (ref: string) => run(machine, ['info', ref], { env: { SHEAF_REGISTRY: url } });
  const newest = await info('acme/deploy');
  expect([newest.status, newest.stdout]).toEqual([
    0,
    expect.stringMatching(/^YANKED: bad\nacme\/deploy 1\.0\.0/),
  ]);
  const ranged = await info('acme/deploy@^1');
  expect([ranged.status, ranged.stderr]).toEqual([
    4,
    expect.stringContaining('its newest are 1.0.0 (yanked: bad)'),
  ]);
  expect(ranged.stderr).toContain('help: sheaf info acme/deploy@1.0.0\n');
  expect((await info('acme/deploy@1.0.0')).stdout).not.toContain('sheaf ');
  left = 'active';
  const { stdout } = await info('acme/deploy@1.0.0');
  expect(stdout).toContain('YANKED: bad');
  expect(stdout).toMatch(/^instead +sheaf info acme\/deploy@0\.9\.0$/m);
  expect(stdout).not.toContain('sheaf run');
});

it('says that no active version is left', async () => {
  const machine = createMachine();
  const registry = createTestRegistry();
  const document = (honest: { readonly versions: readonly object[] }): object => ({
    ...honest,
    versions: honest.versions.map((version) => ({ ...version, state: 'deprecated' })),
  });
  const { url } = await serve(registry, [await registry.publish()], { document });
  const { stdout } = await run(machine, ['info', 'acme/deploy'], { env: { SHEAF_REGISTRY: url } });
  expect(stdout).toContain('1 (1 deprecated), no active version is left');
});
