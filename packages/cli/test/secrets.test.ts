import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCli, createMachine, type Finished, type Machine } from './harness.js';
import { hasKeyring, inSession } from './keyring-session.js';

beforeAll(() => {
  buildCli();
});

const PASSPHRASE = { SHEAF_VAULT_PASSPHRASE: 'correct horse' };

/** The step is given two secrets; one it writes in pieces, and of the other only how long it is. */
const WORKFLOW = `id = "acme/notes"
version = "1.0.0"
name = "Notes"
description = "Uses secrets"
license = "MIT"

[permissions]
secrets = ["FIRST", "SECOND"]
exec = ["bash"]

[parameters]
first = { type = "secret", default = "FIRST" }
second = { type = "secret", default = "SECOND" }

[steps.use]
env = { A = "\${{ params.first }}", B = "\${{ params.second }}" }
run = '''
printf %s "\${A:0:4}"; sleep 0.05; printf %s "\${A:4:3}"; sleep 0.05; echo "\${A:7}"
printf %s "$A" | base64
echo "\${#B}"
'''
`;

function writeWorkflow(machine: Machine): void {
  writeFileSync(join(machine.dir, 'workflow.toml'), WORKFLOW);
}

/** All that is left on a machine after it was used, as text. */
function allFiles(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
}

const finished = (child: ReturnType<Machine['start']>): Promise<Finished> =>
  new Promise((resolve) => {
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', (status) => {
      resolve({ status, stdout: '', stderr });
    });
  });

describe('secrets without a keyring', () => {
  it('are set by two processes at once, listed, given to a run, and hidden in all that it leaves', async () => {
    const machine = createMachine();
    writeWorkflow(machine);
    const set = (name: string, input: string, more: readonly string[] = []): Promise<Finished> =>
      finished(machine.start(['secret', 'set', name, ...more], { env: PASSPHRASE, input }));
    const both = await Promise.all([
      set('FIRST', 'sesame-open\n'),
      set('SECOND', 'line one\nline two', ['--for', 'acme/notes']),
    ]);
    const said = 'no keyring is running: secrets go to a vault, which a passphrase protects\n';
    // Each may have found no vault; a third will.
    for (const { status, stderr } of both) expect([status, ['', said].includes(stderr)]).toEqual([0, true]);
    expect(both.map(({ stderr }) => stderr)).toContain(said);
    const listed = machine.run(['secret', 'list']);
    expect(listed.stdout).toMatch(/^FIRST\tall workflows\tvault\t\S+\nSECOND\tacme\/notes\tvault\t\S+\n$/);
    const ran = machine.run(['run', '.', '--json'], { env: { ...PASSPHRASE, SECOND: 'not this one' } });
    expect(ran.status).toBe(0);
    expect(ran.stderr).toContain('the variable SECOND of the environment is not used: the vault has');
    expect(ran.stdout).toContain(
      '"type":"step.secret","step":"use","attempt":1,"name":"FIRST","from":"vault"',
    );
    expect(ran.stdout).toContain('"stdout":"***\\n***\\n17"');
    const left = allFiles(machine.dir) + ran.stdout + ran.stderr;
    for (const form of ['sesame-open', 'sesame', Buffer.from('sesame-open').toString('base64'), 'line two'])
      expect(left).not.toContain(form);
  });

  it('fail the step that needs them with what is to be done', () => {
    const machine = createMachine();
    writeWorkflow(machine);
    const missing = machine.run(['run', '.'], { env: { FIRST: 'sesame-open' } });
    expect(missing.status).toBe(8);
    expect(missing.stderr).toContain('there is no secret "SECOND" on this machine');
    expect(missing.stderr).toContain('store it: sheaf secret set SECOND');
  });

  it('come from a file by its name alone, which is read strictly', () => {
    const machine = createMachine();
    writeWorkflow(machine);
    const env = { FIRST: 'sesame-open' };
    writeFileSync(join(machine.dir, '.env'), 'SECOND="four\\tfive"\n');
    expect(machine.run(['run', '.'], { env }).status).toBe(8);
    const ran = machine.run(['run', '.', '--dotenv', '.env', '--json'], { env });
    expect([ran.status, ran.stderr]).toEqual([0, expect.not.stringContaining('error')]);
    expect(ran.stdout).toContain('"name":"FIRST","from":"environment"');
    expect(ran.stdout).toContain('"name":"SECOND","from":"dotenv"');
    expect(ran.stdout).toContain('***\\n9"');
    writeFileSync(join(machine.dir, 'wrong.env'), 'FIRST=x\nSECOND=hunter22 more\n');
    const wrong = machine.run(['run', '.', '--dotenv', 'wrong.env']);
    expect([wrong.status, wrong.stderr]).toEqual([
      2,
      expect.stringMatching(/wrong\.env:2:17: the value of SECOND ends before the line does/),
    ]);
    expect(wrong.stderr).not.toContain('hunter22');
    expect(machine.run(['run', '.', '--dotenv', 'none']).status).toBe(4);
  });

  it('are taken from no command line, and from no text that is none', () => {
    const machine = createMachine();
    const refused = (args: readonly string[], input = ''): Finished =>
      machine.run(['secret', ...args], { input, env: PASSPHRASE });
    expect(refused(['set', 'ghp-1234'])).toMatchObject({
      status: 2,
      stderr: expect.not.stringContaining('ghp') as string,
    });
    expect(refused(['set', 'TOKEN', 'hunter22'])).toMatchObject({ status: 2 });
    for (const input of ['', '\n', 'abc', 'x'.repeat(64 * 1024 + 1), 'nul\0nul'])
      expect(refused(['set', 'TOKEN'], input)).toMatchObject({ status: 2, stdout: '' });
    expect(refused(['set', 'TOKEN', '--for', '../x'], 'hunter22')).toMatchObject({ status: 2 });
    expect(refused(['remove', 'TOKEN'])).toMatchObject({ status: 4 });
    expect(machine.run(['secret', 'set', 'TOKEN'], { input: 'hunter22' })).toMatchObject({
      status: 5,
      stderr: expect.stringContaining('set SHEAF_VAULT_PASSPHRASE') as string,
    });
    expect(machine.run(['secret', 'list']).stderr).toBe('no secret is stored here: sheaf secret set NAME\n');
  });
});

describe.skipIf(!hasKeyring())('secrets with the keyring of the system', () => {
  it('are kept there, moved to a vault whose key is there, and come from both', () => {
    const machine = createMachine();
    writeWorkflow(machine);
    const { status, stdout, stderr } = inSession(
      machine,
      `printf sesame-open | sheaf secret set FIRST
       printf first-in-keyring | sheaf secret set SECOND --json
       printf now-in-the-vault | sheaf secret set SECOND --in vault
       sheaf secret list
       sheaf run . --profile permissive --json | grep step.secret
       sheaf doctor | grep secrets
       sheaf secret remove FIRST
       sheaf secret list`,
    );
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('warning:')]);
    expect(stdout).toContain('SECOND is in the vault, for all workflows, in the place of the earlier one');
    expect(stdout).toContain('FIRST\tall workflows\tkeyring');
    expect(stdout).toContain('"name":"FIRST","from":"keyring"');
    expect(stdout).toContain('"name":"SECOND","from":"vault"');
    expect(stdout).toMatch(
      /ok\tsecrets\t1 secret in the keyring, 1 secret in the vault, which a key in the keyring/,
    );
    expect(stdout).toMatch(/FIRST for all workflows is gone from the keyring\nSECOND\t/);
    const left = allFiles(join(machine.dir, 'state')) + stdout + stderr;
    for (const value of ['sesame-open', 'first-in-keyring', 'now-in-the-vault'])
      expect(left).not.toContain(value);
  });
});
