import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildCli, createMachine } from './harness.js';

/** Signed policies for runs, by the built program. */
const machine = createMachine();
const config = join(machine.dir, 'config', 'sheaf');
const state = join(machine.dir, 'state', 'sheaf');
const POLICY = (version: number, body: string): string => `version = ${version}\n[run]\n${body}\n`;
/** The machine's own default, not that of the tests. */
const PLAIN = { env: { SHEAF_PROFILE: '' } };

let publicKey = '';

function put(name: string, text: string): void {
  writeFileSync(join(config, name), text);
}

function sign(version: number, body: string): void {
  put('policy.toml', POLICY(version, body));
  const { status, stdout, stderr } = machine.run(['policy', 'sign', join(config, 'policy.toml'), '--json']);
  if (status !== 0) throw new Error(stderr);
  publicKey = (JSON.parse(stdout) as { publicKey: string }).publicKey;
  put('trust.toml', `version = 1\npolicy_keys = ["${publicKey}"]\n`);
}

beforeAll(() => {
  buildCli();
  machine.run(['key', 'generate', '--name', 'security', '--no-passphrase']);
  const write = (name: string, body: string): void => {
    mkdirSync(join(machine.dir, name));
    writeFileSync(
      join(machine.dir, name, 'workflow.toml'),
      `id = "acme/${name}"\nversion = "1.0.0"\n[permissions]\nexec = ["bash"]\n${body}`,
    );
  };
  write('plain', `[steps.it]\nrun = 'echo ran'\n`);
  write('loop', `[steps.it]\nforeach = "\${{ [1, 2, 3] }}"\nrun = 'true'\n`);
  write('reach', `network = ["evil.example.com"]\n[steps.it]\nrun = 'true'\n`);
});

beforeEach(() => {
  for (const name of ['policy.json', 'policy.toml', 'trust.toml'])
    rmSync(join(config, name), { force: true });
  rmSync(join(state, 'policies'), { recursive: true, force: true });
  rmSync(join(machine.dir, 'sheaf.toml'), { force: true });
});

function refusal(args: readonly string[]): string {
  const { status, stderr, stdout } = machine.run(args, PLAIN);
  expect({ status, ran: stdout.includes('ran') || stderr.includes('[it] ran') }).toEqual({
    status: 3,
    ran: false,
  });
  return stderr;
}

describe('a policy that is there', () => {
  it('refuses every run while it is not signed, or by nobody who is pinned', () => {
    put('policy.toml', POLICY(1, ''));
    expect(refusal(['run', './plain'])).toContain('error[policy.unsigned]');
    put('policy.json', POLICY(1, ''));
    expect(refusal(['run', './plain'])).toContain('error[policy.unsigned]');
    sign(1, '');
    rmSync(join(config, 'trust.toml'));
    expect(refusal(['run', './plain'])).toContain('error[policy.key_unknown]');
    expect(refusal(['policy', 'show'])).toContain('error[policy.key_unknown]');
  });

  it('refuses every run once it was changed, and when an older one is put back', () => {
    sign(1, '');
    const first = readFileSync(join(config, 'policy.json'), 'utf8');
    const envelope = JSON.parse(first) as { payload: string };
    const changed = Buffer.from(POLICY(1, '# more')).toString('base64');
    put('policy.json', JSON.stringify({ ...envelope, payload: changed }));
    expect(refusal(['run', './plain'])).toContain('error[policy.tampered]');
    sign(2, '');
    expect(machine.run(['run', './plain'], PLAIN).status).toBe(0);
    put('policy.json', first);
    expect(refusal(['run', './plain'])).toContain('is version 1, and version 2 was here before');
  });

  it('is shown and verified with who signed it', () => {
    sign(3, 'hosts = ["*.example.com"]\n[run.ceilings]\nitems = 2');
    const shown = machine.run(['policy', 'show', '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({
      schema: 'sheaf.policy-show/1',
      policies: [{ layer: 'user', version: 3, hosts: ['*.example.com'], ceilings: { items: 2 } }],
    });
    const file = join(config, 'policy.json');
    expect(JSON.parse(machine.run(['policy', 'verify', file, '--json']).stdout)).toMatchObject({
      schema: 'sheaf.policy-verify/1',
    });
    const { stdout, status } = machine.run(['policy', 'verify', file]);
    expect({ stdout, status }).toEqual({
      stdout: expect.stringContaining('version 3, signed by') as string,
      status: 0,
    });
  });

  it('is not signed while it has an error', () => {
    put('policy.toml', POLICY(1, 'host = []'));
    const { status, stderr } = machine.run(['policy', 'sign', join(config, 'policy.toml')]);
    expect(status).toBe(2);
    expect(stderr).toContain('policy.toml:3:8: there is no setting called "host"');
  });
});

describe('what a policy allows', () => {
  it('is neither a profile nor a host that it does not name', () => {
    sign(1, 'hosts = ["api.example.com"]\n[run.profiles]\nlocal = ["secure"]');
    expect(refusal(['run', './plain', '--profile', 'permissive'])).toContain('help: --profile secure');
    expect(refusal(['run', './reach', '--profile', 'secure'])).toContain(
      'asks for the network "evil.example.com"',
    );
    expect(refusal(['run', './plain', '--profile', 'disabled'])).toContain('policy.refused');
  });

  it('is a loop of so many items, which is an event of the run', () => {
    sign(1, '[run.ceilings]\nitems = 2');
    const { status, stdout } = machine.run(['run', './loop', '--json'], PLAIN);
    expect(status).toBe(8);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'policy.decided',
        step: 'it',
        subject: 'ceiling',
        result: 'refused',
        value: '3 items',
        by: 'policy',
      }),
    );
    expect(events.find(({ type }) => type === 'run.started')?.['rules']).toMatchObject({ items: 2 });
  });

  it('is less where a project says so, and never more', () => {
    sign(1, '[run.ceilings]\nitems = 2');
    const project = (table: string): void => {
      writeFileSync(join(machine.dir, 'sheaf.toml'), `${table}\n`);
    };
    project('[policy.run.ceilings]\nitems = 9');
    expect(machine.run(['run', './loop'], PLAIN).stderr).toContain('at most 2 may run');
    project('[policy.run.profiles]\nlocal = []');
    expect(refusal(['run', './plain'])).toContain('it allows no profile for a folder of your own');
    project(`[policy]\npolicy_keys = ["${publicKey}"]`);
    expect(machine.run(['run', './plain'], PLAIN).stderr).toContain(
      'there is no setting called "policy_keys"',
    );
  });
});

const canConfine =
  spawnSync('/usr/bin/bwrap', ['--unshare-all', '--ro-bind', '/', '/', '--proc', '/proc', 'true']).status ===
  0;

describe.runIf(canConfine)('a run without a wish', () => {
  it('gets the strictest profile that a policy allows, and says so', () => {
    sign(1, '[run.profiles]\nlocal = ["secure"]');
    const { status, stderr } = machine.run(['run', './plain'], PLAIN);
    expect(status).toBe(0);
    expect(stderr).toContain(`! profile secure, not permissive: ${join(config, 'policy.json')}:2`);
  });
});
