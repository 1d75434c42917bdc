import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTestLog, testKey } from '../../client/src/testing/test-log.js';
import {
  createTestRegistry,
  documentOf,
  ORIGIN,
  testFiles,
  type Published,
  type TestRegistry,
} from '../../client/src/testing/test-registry.js';
import { serveRegistry, type Lies } from '../../client/test/support/serve-registry.js';
import { problem, sendJson, startServer, type SeenRequest } from '../../client/test/support/server.js';
import { buildCli, createMachine, type Finished, type Machine, type RunOptions } from './harness.js';

beforeAll(() => {
  buildCli();
});

/** What the API answers beside the bundles and the log. */
interface MoreLies extends Lies {
  readonly origin?: string;
  readonly logKey?: string;
  readonly version?: (honest: object) => object;
  readonly near?: readonly object[];
}

interface Served {
  readonly url: string;
  readonly seen: SeenRequest[];
}

const LIMITS = { tarBytes: 1, files: 1, fileBytes: 1, definitionBytes: 1 };

async function serve(
  registry: TestRegistry,
  published: readonly Published[],
  lies: MoreLies = {},
): Promise<Served> {
  const rest = serveRegistry(registry, published, lies);
  const origin = lies.origin ?? ORIGIN;
  const logs = (): object[] => [
    { realm: 'public', origin: `${origin}/log/public`, key: lies.logKey ?? registry.log.logKey },
  ];
  return startServer((request, response, count) => {
    const [, version] = /^\/v1\/workflows\/acme\/deploy\/([^/]+)$/.exec(request.path) ?? [];
    const found = published.find((each) => each.version === version);
    if (request.path === '/.well-known/sheaf-registry')
      sendJson(response, { origin, api: ['v1'], logs: logs(), limits: LIMITS, witnesses: [] });
    else if (request.path === '/v1/whoami' && request.headers.authorization === 'Bearer shf_0_bad')
      sendJson(response, problem('auth.token_invalid', 401), 401);
    else if (request.path === '/v1/whoami')
      sendJson(response, {
        user: 'ana',
        admin: false,
        token: { id: 't', name: 'n', scopes: [] },
        namespaces: [],
      });
    else if (request.path === '/v1/namespaces/acme')
      sendJson(response, {
        name: 'acme',
        visibility: 'public',
        realm: 'public',
        threshold: 1,
        keys: [
          { id: registry.key.publicKey.id, publicKey: '', addedAt: '2026-03-01T00:00:00Z', logIndex: 1 },
        ],
      });
    else if (request.path.startsWith('/v1/workflows?'))
      sendJson(response, { total: 0, totalIsExact: true, hits: [], near: lies.near ?? [] });
    else if (found !== undefined) {
      const workflow = documentOf(published);
      const document = {
        ...workflow,
        ...workflow.versions.find((each) => each.version === version),
        parameters: {},
        outputs: [],
        requirements: [],
        steps: [],
        files: [],
      };
      sendJson(response, lies.version?.(document) ?? document);
    } else if (published.length === 0 && request.path === '/v1/workflows/acme/deploy')
      sendJson(response, problem('workflow.not_found', 404), 404);
    else rest(request, response, count);
  });
}

/** Runs without blocking this process, which is the registry. */
async function run(machine: Machine, args: readonly string[], options?: RunOptions): Promise<Finished> {
  const child = machine.start(args, options);
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => (texts[name] += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...texts };
}

function writeFlow(machine: Machine): string {
  const dir = join(machine.dir, 'flow');
  for (const { path, bytes } of testFiles()) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), bytes);
  }
  return dir;
}

/** A private key as PEM, as `SHEAF_SIGNING_KEY` has it. */
function pemOf(seed: Uint8Array): string {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
}

const PUBLISH = ['publish', 'flow', '--yes'];

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

describe('publish', () => {
  async function setUp(lies: MoreLies = {}, registry = createTestRegistry(), isThere = true) {
    const machine = createMachine();
    const dir = writeFlow(machine);
    const published = await registry.publish();
    const served = await serve(registry, isThere ? [published] : [], lies);
    const env = {
      SHEAF_REGISTRY: served.url,
      SHEAF_TOKEN: 'shf_1_secret',
      SHEAF_SIGNING_KEY: pemOf(testKey(7).seed),
    };
    const publish = (changes: NodeJS.ProcessEnv = {}, args = PUBLISH) =>
      run(machine, args, { env: { ...env, ...changes } });
    return { machine, dir, registry, published, publish, ...served };
  }

  it('says that it was published before only when the log holds the very bytes', async () => {
    const { publish, published, seen } = await setUp();
    const { status, stdout, stderr } = await publish();
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toBe(`acme/deploy@1.0.0 ${published.packed.bundle.digest}\n`);
    expect(stderr).toContain('already published');
    expect(stderr).not.toContain('warning');
    expect(seen.some((request) => request.path.endsWith('/receipt'))).toBe(true);
  });

  it('does not take the word of a registry that the bytes are there', async () => {
    const impostor = createTestRegistry(createTestLog({ origin: `${ORIGIN}/log/public`, key: testKey(66) }));
    const { receipt } = await impostor.publish();
    const { publish } = await setUp({ receipt: () => receipt });
    const { status, stdout, stderr } = await publish();
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).not.toContain('already published');
  });

  it('warns when what is there was signed by another key', async () => {
    const { publish, registry } = await setUp();
    const { status, stderr } = await publish({ SHEAF_SIGNING_KEY: pemOf(testKey(8).seed) });
    const { id } = registry.key.publicKey;
    expect(status).toBe(0);
    expect(stderr).toMatch(
      new RegExp(`warning: .* signed by ${id.slice(0, 4)}…${id.slice(-4)}, and not by a key`),
    );
  });

  it('says that it may have been published when the receipt does not hold', async () => {
    const impostor = createTestRegistry(createTestLog({ origin: `${ORIGIN}/log/public`, key: testKey(66) }));
    const { receipt } = await impostor.publish();
    const { publish } = await setUp({ publish: () => ({ status: 201, receipt }) }, undefined, false);
    const { status, stderr } = await publish();
    expect(status).toBe(3);
    expect(stderr).toContain('may have been published: run the same command again');
    expect(stderr).not.toContain('nothing was unpacked');
  });

  it('says that it may have been published when the log does not answer afterwards', async () => {
    const registry = createTestRegistry();
    const { receipt } = await registry.publish();
    const { publish } = await setUp(
      { publish: () => ({ status: 201, receipt }), checkpoint: () => 'x'.repeat(100_000) },
      registry,
      false,
    );
    const { status, stderr } = await publish();
    expect(status).toBe(6);
    expect(stderr).toContain('may have been published: run the same command again');
  });
});

describe('SHEAF_SIGNING_KEY', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const body = pem.split('\n')[1] ?? '';

  it.each([
    ['PEM', pem],
    ['the base64 of PEM', Buffer.from(pem).toString('base64')],
    ['the base64 of PKCS#8', body],
  ])('may hold %s', async (_, value) => {
    const registry = createTestRegistry();
    const { url } = await serve(registry, []);
    const machine = createMachine();
    writeFlow(machine);
    const env = { SHEAF_REGISTRY: url, SHEAF_TOKEN: 'x', SHEAF_SIGNING_KEY: value };
    const { stderr } = await run(machine, PUBLISH, { env });
    expect(stderr).toContain('error[key.unauthorised]');
  });

  it.each([
    ['half a PEM body', body.slice(0, 40)],
    ['a PEM body and more', `${body}A`],
    ['a file that is not there', '/nowhere/key-file'],
    ['a folder', '/'],
    ['a text that is too long for a path', 'x'.repeat(5000)],
  ])('is not repeated when it holds %s', async (_, value) => {
    const registry = createTestRegistry();
    const { url } = await serve(registry, []);
    const machine = createMachine();
    writeFlow(machine);
    for (const debug of ['', '1']) {
      const env = {
        SHEAF_REGISTRY: url,
        SHEAF_TOKEN: 'x',
        SHEAF_SIGNING_KEY: value,
        SHEAF_DEBUG: debug,
      };
      const { stdout, stderr } = await run(machine, PUBLISH, { env });
      expect(stderr).toContain('error[key.invalid]: SHEAF_SIGNING_KEY is neither');
      if (value !== '/') expect(stdout + stderr).not.toContain(value);
    }
  });
});

describe('a publisher', () => {
  // That it ran is told by how: its step looks for a script that is not in this folder.
  const didRun = 8;

  /** Version 1.0.0 by the first key, 1.1.0 by another that the first vouches for. */
  async function setUp() {
    const machine = createMachine();
    const registry = createTestRegistry();
    const first = await registry.publish('acme/deploy', '1.0.0');
    const other = testKey(9);
    const auth = registry.addKey(other, { by: [registry.key.publicKey.id, other.publicKey.id].sort() });
    const second = await registry.publish('acme/deploy', '1.1.0', { signers: [[other, auth]] });
    const { url } = await serve(registry, [second, first]);
    const env = { SHEAF_REGISTRY: url };
    const sheaf = (command: string, more: NodeJS.ProcessEnv = {}) =>
      run(machine, command.split(' '), { env: { ...env, ...more } });
    expect((await sheaf(`login ${url} --yes`)).status).toBe(0);
    const policy = join(machine.dir, 'config', 'sheaf', 'trust.toml');
    return { machine, registry, sheaf, policy, key: registry.key.publicKey.id, other: other.publicKey.id };
  }

  it('is not used for the first time where nobody answers', async () => {
    const { sheaf, key } = await setUp();
    for (const verb of ['fetch', 'verify', 'run']) {
      const { status, stdout, stderr } = await sheaf(`${verb} acme/deploy@1.0.0`);
      expect([status, stdout]).toEqual([5, '']);
      expect(stderr).toContain('error[publisher.not_accepted]');
      expect(stderr).toContain(`sheaf trust add acme --key ${key}`);
    }
  });

  it('is accepted by --yes once, and never with another key', async () => {
    const { sheaf, key, other } = await setUp();
    const first = await sheaf('run acme/deploy@1.0.0 --yes');
    expect([first.status, first.stderr]).toEqual([
      didRun,
      expect.stringContaining('accepted by --yes: this key'),
    ]);
    expect((await sheaf('fetch acme/deploy@1.0.0')).status).toBe(0);
    const refused = await sheaf('run acme/deploy@1.1.0 --yes');
    expect([refused.status, refused.stdout]).toEqual([3, '']);
    expect(refused.stderr).toContain('error[signer.changed]');
    expect(refused.stderr).toContain('ok log, leaf, signer · FAIL policy · not reached bytes');
    const [command = ''] = /sheaf trust add .*/.exec(refused.stderr) ?? [];
    expect(command).toBe(`sheaf trust add acme --key ${other} --registry ${ORIGIN}`);

    const added = await sheaf(command.replace('sheaf ', '') + ' --offline');
    expect(added.status).toBe(0);
    expect(added.stderr).toContain('accepted at first use and kept');
    expect((await sheaf('run acme/deploy@1.1.0 --yes')).status).toBe(didRun);
    expect((await sheaf('fetch acme/deploy@1.0.0')).status).toBe(0);
    const listed = JSON.parse((await sheaf('trust list --json')).stdout) as {
      rules: { keys: string[] }[];
      accepted: { namespace: string }[];
    };
    expect(listed.rules.map(({ keys }) => keys)).toEqual([[key, other]]);
    expect(listed.accepted.map(({ namespace }) => namespace)).toEqual(['acme']);

    const second = createTestRegistry(createTestLog({ origin: 'evil.example/log/public', key: testKey(66) }));
    const { url: evil } = await serve(second, [await second.publish()], { origin: 'evil.example' });
    expect((await sheaf(`login ${evil} --yes`)).status).toBe(0);
    const unclear = await sheaf(`trust add acme --key ${other}`);
    expect([unclear.status, unclear.stderr]).toEqual([2, expect.stringContaining('error[usage.registry]')]);
    expect(unclear.stderr).toMatch(/pinned {2}evil\.example\n.*pinned {2}wf\.example\.com/);
    const many = ['a', 'b', 'c', 'd', 'e', 'f'].map((digit) => digit.repeat(64));
    const adds = await Promise.all(
      many.map((id, n) =>
        sheaf(`trust add ns${n} --key ${id} --registry ${n % 2 === 0 ? 'evil.example' : ORIGIN} --offline`),
      ),
    );
    expect(adds.map(({ status }) => status)).toEqual(many.map(() => 0));
    const { rules } = JSON.parse((await sheaf('trust list --json')).stdout) as {
      rules: { keys: string[] }[];
    };
    expect(rules.flatMap(({ keys }) => keys).sort()).toEqual([key, other, ...many].sort());

    expect((await sheaf('trust remove acme')).status).toBe(0);
    expect((await sheaf('trust remove acme')).status).toBe(4);
    expect((await sheaf('fetch acme/deploy@1.0.0')).status).toBe(5);
  });

  it('needs a rule in CI, and the error says which', async () => {
    const { sheaf, key, policy, machine } = await setUp();
    const ci = { CI: 'true' };
    const refused = await sheaf('fetch acme/deploy@1.0.0 --yes', ci);
    expect([refused.status, refused.stdout]).toEqual([3, '']);
    expect(refused.stderr).toContain('error[publisher.not_allowed]: no rule allows acme at wf.example.com');
    expect(refused.stderr).toContain(`sheaf trust add acme --key ${key}`);
    expect((await sheaf(`trust add acme --key ${key} --offline`, ci)).status).toBe(0);
    expect((await sheaf('fetch acme/deploy@1.0.0', ci)).status).toBe(0);
    expect(statSync(policy).mode & 0o777).toBe(0o600);
    const verified = await sheaf('verify acme/deploy@1.0.0', ci);
    expect(verified.stdout).toMatch(/^policy {2}acme: 1 of 1 key by .*trust\.toml:3 · log key pinned \d{4}-/);
    expect(verified.stdout).toMatch(/\nok +signer +.*, added at #1, not revoked\n/);

    writeFileSync(join(machine.dir, 'sheaf.toml'), '[policy]\nmode = "deny"\n');
    expect((await sheaf('fetch acme/deploy@1.0.0', ci)).stderr).toContain('sheaf.toml');
    writeFileSync(join(machine.dir, 'sheaf.toml'), '[policy]\nmode = "tofu"\n');
    expect((await sheaf('fetch acme/deploy@1.1.0 --yes', ci)).status).toBe(3);
  });

  it('whose policy file is wrong or open to others is told where', async () => {
    const { sheaf, policy } = await setUp();
    mkdirSync(dirname(policy), { recursive: true });
    writeFileSync(policy, 'version = 1\nmode = "x"\n');
    const wrong = await sheaf('fetch acme/deploy --yes');
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining(`${policy}:2:8`)]);
    writeFileSync(policy, 'version = 1\n');
    chmodSync(policy, 0o666);
    expect((await sheaf('fetch acme/deploy --yes')).stderr).toContain('error[policy.writable]');
  });

  it('has young releases held back, except those that are named', async () => {
    const { sheaf, policy } = await setUp();
    mkdirSync(dirname(policy), { recursive: true });
    writeFileSync(policy, 'version = 1\nmin_release_age = "3650d"\n');
    const held = await sheaf('fetch acme/deploy@1.0.0 --yes');
    expect([held.status, held.stderr]).toEqual([3, expect.stringContaining('error[release.too_young]')]);
    expect((await sheaf('fetch acme/deploy@^1 --yes')).stderr).toContain('--allow-young acme/deploy@1.1.0');
    expect((await sheaf('fetch acme/deploy@1.0.0 --yes --allow-young acme/deploy@1.0.0')).status).toBe(0);
    expect((await sheaf('fetch acme/deploy@1.0.0 --allow-young acme/deploy')).status).toBe(2);
  });
});

it('loads no HTTP library to work offline', async () => {
  const machine = createMachine();
  const registry = createTestRegistry();
  const { url } = await serve(registry, [await registry.publish()]);
  const trace = join(machine.dir, 'trace.cjs');
  const loaded = join(machine.dir, 'loaded');
  writeFileSync(
    trace,
    `const { Module } = require('node:module');
const { appendFileSync } = require('node:fs');
const load = Module._load;
Module._load = function (name, ...rest) {
  appendFileSync(${JSON.stringify(loaded)}, name + '\\n');
  return load.call(this, name, ...rest);
};`,
  );
  const env = { SHEAF_REGISTRY: url };
  expect((await run(machine, ['fetch', 'acme/deploy', '--yes'], { env })).status).toBe(0);
  const traced = { ...env, NODE_OPTIONS: `--require "${trace}"` };
  const args = ['verify', 'acme/deploy', '--offline'];
  expect(await run(machine, args, { env: traced })).toMatchObject({ status: 0 });
  expect(readFileSync(loaded, 'utf8')).not.toContain('undici');
  expect((await run(machine, ['verify', 'acme/deploy'], { env: traced })).status).toBe(0);
  expect(readFileSync(loaded, 'utf8')).toContain('undici');
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
