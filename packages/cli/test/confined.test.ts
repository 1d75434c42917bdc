import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCli, createMachine } from './harness.js';

/** What a hostile workflow tries under the profile `secure`, and what whoever runs it sees of that. */
const probe = ['--unshare-all', '--ro-bind', '/', '/', '--proc', '/proc', 'true'];
const canConfine = spawnSync('/usr/bin/bwrap', probe).status === 0;
if (!canConfine && process.env['CI'] === 'true') throw new Error('these tests need bubblewrap');

const machine = createMachine();
const env = { HOME: machine.dir, PIECES: 'open-sesame' };
const STEPS = {
  keys: 'cat "$REAL_HOME/.ssh/id_ed25519"',
  outside: 'echo bad > /etc/planted-by-sheaf; echo bad > "$REAL_HOME/planted"',
  socket: 'exec 3<>/dev/tcp/127.0.0.1/9',
  // No bomb without an end: where the kernel does not count, it would take the processes of whoever tests beside.
  bomb: 'for i in $(seq 300); do sleep 20 & done; wait; echo survived',
  pieces: `printf %s "\${T:0:4}"; sleep 0.1; printf '%s\\n' "\${T:4}"; printf %s "$T" | base64`,
};

beforeAll(() => {
  if (!canConfine) return;
  buildCli();
  mkdirSync(join(machine.dir, '.ssh'));
  writeFileSync(join(machine.dir, '.ssh', 'id_ed25519'), 'the-private-key');
  mkdirSync(join(machine.dir, 'flow'));
  writeFileSync(join(machine.dir, 'sheaf.toml'), '[policy.run.ceilings]\nprocesses = 64\n');
  const steps = Object.entries(STEPS).map(
    ([id, run]) =>
      `[steps.${id}]\non_failure = "continue"\nenv = { REAL_HOME = ${JSON.stringify(machine.dir)}${id === 'pieces' ? ', T = "${{ params.token }}"' : ''} }\nrun = '''${run}'''\n`,
  );
  writeFileSync(
    join(machine.dir, 'flow', 'workflow.toml'),
    `id = "acme/hostile"\nversion = "1.0.0"\n[permissions]\nexec = ["bash"]\n[parameters.token]\ntype = "secret"\ndefault = "PIECES"\n${steps.join('')}`,
  );
});

describe.runIf(canConfine)('a hostile workflow under the profile secure', () => {
  it('is stopped or redacted at each try, which whoever runs it sees', () => {
    const { status, stderr } = machine.run(['run', './flow', '--profile', 'secure', '--max-parallel', '1'], {
      env,
    });
    expect(status).toBe(0);
    for (const path of ['/etc/planted-by-sheaf', join(machine.dir, 'planted')])
      expect(existsSync(path)).toBe(false);
    expect(stderr).not.toMatch(/the-private-key|sesame|survived/);
    for (const step of ['keys', 'outside', 'socket', 'bomb'])
      expect(stderr).toMatch(new RegExp(`^✗ ${step} `, 'm'));
    expect(stderr).toContain('[keys] cat: ');
    expect(stderr).toMatch(/^\[outside\] .*\/etc\/planted-by-sheaf: Read-only file system/m);
    expect(stderr).toMatch(/^\[socket\] .*(Network is unreachable|Connection refused)/m);
    expect(stderr).toMatch(/^\[pieces\] \*\*\*$/m);
    expect(stderr).toMatch(/^✓ pieces .*, 2 secrets hidden in its output$/m);
    if (process.getuid?.() === 0) expect(stderr).toMatch(/^✗ bomb .*: it began more than 64 processes/m);
  }, 60_000);

  it('leaves in its journal what each sandbox let through, and what the engine has stopped', () => {
    const [runId = ''] = machine.run(['status', '--limit', '1']).stdout.split('\t');
    const { stdout } = machine.run(['status', runId, '--json']);
    expect(stdout).not.toMatch(/the-private-key|sesame/);
    const { decisions } = (
      JSON.parse(stdout) as { run: { decisions: readonly Readonly<Record<string, unknown>>[] } }
    ).run;
    const start = decisions.filter(({ step }) => step === undefined);
    expect(start.map(({ subject, value, by }) => [subject, value, by])).toEqual([
      ['profile', 'secure', 'flag'],
      ['sandbox', 'bwrap', 'machine'],
    ]);
    const sandboxes = decisions.filter(({ subject, step }) => subject === 'sandbox' && step !== undefined);
    expect(sandboxes.map(({ step, value }) => [step, value])).toEqual(
      Object.keys(STEPS).map((step) => [step, 'no network, reads nothing, writes nothing, 64 processes']),
    );
    if (process.getuid?.() !== 0) return;
    const bomb = { step: 'bomb', subject: 'ceiling', result: 'refused', value: 'more than 64 processes' };
    expect(decisions).toContainEqual(expect.objectContaining(bomb));
    expect(machine.run(['status', runId]).stdout).toContain('! bomb refused more than 64 processes');
  });
});
