import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTestLog, testKey } from '../../client/src/testing/test-log.js';
import { createTestRegistry, ORIGIN } from '../../client/src/testing/test-registry.js';
import { buildCli, createMachine } from './harness.js';
import { run, serve } from './served-registry.js';

beforeAll(() => {
  buildCli();
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
    expect(refused.stderr).toContain('changed · ok log, leaf, signer · FAIL policy · not reached bytes');
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

    expect((await sheaf('registry add corp ' + evil)).status).toBe(0);
    const named = await sheaf(`trust add acme --key ${other} --registry corp --offline`);
    expect([named.status, named.stdout]).toEqual([
      0,
      expect.stringContaining('acme at evil.example: 1 of 1'),
    ]);
    const unheard = await sheaf(`trust add acme --key ${other} --registry crop --offline`);
    expect([unheard.status, unheard.stdout]).toEqual([2, '']);
    expect(unheard.stderr).toContain('did you mean --registry corp');
    const early = await sheaf(`trust add early --key ${other} --registry not.yet.example --offline`);
    expect([early.status, early.stderr]).toEqual([
      0,
      expect.stringContaining('not.yet.example is pinned here'),
    ]);
    const removed = await sheaf('trust remove acme --registry corp');
    expect(removed.stdout).toContain('acme at evil.example: no rule is left');
    expect(removed.stderr).toContain(`a rule still allows acme at ${ORIGIN}`);

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
