import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCli, createMachine } from './harness.js';

const probe = spawnSync('/usr/bin/bwrap', [
  '--unshare-all',
  '--ro-bind',
  '/',
  '/',
  '--proc',
  '/proc',
  'true',
]);
const canConfine = probe.status === 0;
if (!canConfine) {
  if (process.env['CI'] === 'true') throw new Error('the tests of profiles need bubblewrap');
  console.warn('SKIPPED: the tests of profiles need bubblewrap');
}

const machine = createMachine();

beforeAll(() => {
  buildCli();
  mkdirSync(join(machine.dir, 'flow'));
  writeFileSync(
    join(machine.dir, 'flow', 'workflow.toml'),
    `id = "acme/probe"
version = "1.0.0"
[permissions]
exec = ["bash"]
write = ["dist/**"]
[parameters.token]
type = "secret"
default = "PROBE_TOKEN"
[steps.try]
env = { T = "\${{ params.token }}" }
run = 'echo x > dist/a.txt; echo "$T"; printf %s "$T" | base64; echo x > other.txt'
`,
  );
});

describe('run --profile', () => {
  it.runIf(canConfine)('holds steps to what is declared, hides secrets, and says what stopped them', () => {
    const { status, stderr } = machine.run(['run', './flow', '--profile', 'secure'], {
      env: { PROBE_TOKEN: 'open-sesame' },
    });
    expect(status).toBe(8);
    expect(stderr).toContain('other.txt: Read-only file system');
    expect(stderr).toContain('it ran in a sandbox, where it may write dist/** and reach no network');
    expect(stderr.match(/^\[try\] \*\*\*$/gm)).toHaveLength(2);
    expect(stderr).not.toContain('sesame');
  });

  it('refuses a profile that there is none of, by the flag or the variable', () => {
    expect(machine.run(['run', './flow', '--profile', 'safe'])).toMatchObject({
      status: 2,
      stderr:
        'error[usage.profile]: --profile "safe" is not secure, permissive, disabled\n  help: --profile secure\n',
    });
    const { status, stderr } = machine.run(['run', './flow'], { env: { SHEAF_PROFILE: 'safe' } });
    expect(status).toBe(2);
    expect(stderr).toContain('SHEAF_PROFILE "safe" is not');
  });
});
