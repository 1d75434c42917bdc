import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTestRegistry } from '../../client/src/testing/test-registry.js';
import { buildCli, createMachine, PACKAGE_DIR, type Machine } from './harness.js';
import { run, serve, type MoreLies } from './served-registry.js';

beforeAll(() => {
  buildCli();
});

const FLOW = `id = "acme/flow"
version = "1.0.0"
[parameters.who]
type = "string"
default = "Ana"
[steps.log]
run = 'echo ran >> log-ran; echo one; echo two; echo "hello $PARAM_WHO"'
[steps.lint]
run = 'echo linted'
on_failure = "continue"
[steps.tell]
needs = ["log", "lint"]
when = "\${{ steps.log.outputs.stdout != '' }}"
run = 'echo tried; test -e fixed'
[outputs]
text = "\${{ steps.log.outputs.stdout }}"
`;

function writeWorkflow(machine: Machine, text: string): void {
  const dir = join(machine.dir, 'flow');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'workflow.toml'), text);
}

interface Listed {
  readonly runId: string;
  readonly status: string;
}

function listRuns(machine: Machine, ...filter: readonly string[]): readonly Listed[] {
  const { runs } = JSON.parse(machine.run(['status', '--json', ...filter]).stdout) as { runs: Listed[] };
  return runs;
}

describe('a run that failed', () => {
  it('is run again from a step on, by the beginning of its id, with what was mended', () => {
    const machine = createMachine();
    writeWorkflow(machine, FLOW);
    const failed = machine.run(['run', './flow', '-p', 'who=Bo']);
    expect(failed.status).toBe(8);
    const runId = listRuns(machine)[0]?.runId ?? '';
    expect(failed.stderr).toContain(`help: fix it, keep what is done: sheaf rerun ${runId} --from tell`);

    const nowhere = machine.run(['rerun', runId]);
    expect([nowhere.status, nowhere.stderr]).toEqual([
      2,
      expect.stringContaining(`help: sheaf rerun ${runId} --from tell`),
    ]);
    expect(machine.run(['rerun', runId, '--from', 'tel']).stderr).toContain('did you mean tell');

    // The step that failed is written otherwise now, and the parameter of the run stands.
    writeWorkflow(machine, FLOW.replace('test -e fixed', 'true'));
    const again = machine.run(['rerun', runId.slice(0, 4), '--from', 'tell', '--summary', 'again.json']);
    expect(again).toMatchObject({ status: 0, stdout: 'one\ntwo\nhello Bo\n' });
    expect(again.stderr).toMatch(new RegExp(`^✓ log \\d+\\.\\d s, kept from run ${runId}$`, 'm'));
    expect(readFileSync(join(machine.dir, 'log-ran'), 'utf8')).toBe('ran\n');
    const summary: unknown = JSON.parse(readFileSync(join(machine.dir, 'again.json'), 'utf8'));
    expect(summary).toMatchObject({
      status: 'succeeded',
      steps: [
        { id: 'log', reusedFrom: runId },
        { id: 'lint', reusedFrom: runId },
        { id: 'tell', attempts: 1 },
      ],
    });
    // Where stdout is a file, the answer and the report stand in it one behind the other.
    const sheaf = `"${process.execPath}" "${join(PACKAGE_DIR, 'bin', 'sheaf.js')}"`;
    const line = `${sheaf} rerun ${runId} --from tell --junit /dev/stdout --json >both`;
    const both = spawnSync('sh', ['-c', line], { cwd: machine.dir, env: machine.env });
    expect(both.status).toBe(0);
    expect(readFileSync(join(machine.dir, 'both'), 'utf8')).toMatch(
      /\}\n<\?xml[^]*<\/testsuites>\n\{"schema":"sheaf.rerun\/1"/,
    );
    const [newest] = listRuns(machine);
    const shown = machine.run(['status', newest?.runId ?? '']).stdout;
    expect(shown).toContain(`rerun of ${runId} from tell`);
    expect(machine.run(['logs', newest?.runId ?? '', 'log', '--tail', '2']).stdout).toBe('two\nhello Bo\n');

    expect(listRuns(machine, '--status', 'failed').map((each) => each.runId)).toEqual([runId]);
    expect(listRuns(machine, '--workflow', 'acme/other')).toEqual([]);
    expect(machine.run(['status', runId, '--status', 'failed']).status).toBe(2);
    expect(machine.run(['status', '--status', 'faild']).stderr).toContain('failed');
    expect(machine.run(['status', 'zz']).status).toBe(4);
    const words = readFileSync(join(machine.dir, 'cache', 'sheaf', 'completion', 'run'), 'utf8');
    expect(words).toContain(`${runId}\n`);
  }, 60_000);

  it('keeps what was laid over its definition, and takes more', () => {
    const machine = createMachine();
    writeWorkflow(machine, FLOW);
    const dir = join(machine.dir, 'flow');
    writeFileSync(join(dir, 'workflow.loud.toml'), `[steps.lint]\nrun = 'echo LINTED'\n`);
    writeFileSync(join(dir, 'other.toml'), FLOW);
    const laid = ['--overlay', 'loud', '--set', 'steps.log.run=echo laid over'];
    expect(machine.run(['run', './flow/other.toml', ...laid]).status).toBe(8);
    const runId = listRuns(machine)[0]?.runId ?? '';

    const more = machine.run(['rerun', runId, '--set', 'steps.tell.run=echo fine', '--json']);
    expect(more.status).toBe(0);
    const overlay = join(dir, 'workflow.loud.toml');
    expect(more.stderr).toBe(
      [
        `unsigned: ${join(dir, 'other.toml')} (your working tree)`,
        `laid over it as in run ${runId}: --overlay '${overlay}' --set 'steps.log.run=echo laid over'`,
        '○ tell again: run changed',
        '',
      ].join('\n'),
    );
    const lines = more.stdout.trim().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      type: 'run.started',
      rerunOf: { runId, redone: [{ step: 'tell', because: 'definition', message: 'run changed' }] },
    });
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      source: {
        path: dir,
        definition: 'other.toml',
        overlays: { files: [overlay], settings: [laid[3], 'steps.tell.run=echo fine'] },
      },
      outputs: { text: 'laid over' },
      steps: [{ reusedFrom: runId }, { reusedFrom: runId }, { id: 'tell', attempts: 1 }],
    });

    // A rerun of the rerun has what both had, and what was taken away is gone.
    const second = listRuns(machine)[0]?.runId ?? '';
    const third = machine.run(['rerun', second, '--from', 'lint', '--set', 'steps.log.run=echo more']);
    expect(third.stderr).toContain('[lint] LINTED');
    expect(third.stdout).toBe('more\n');
    expect(machine.run(['status', listRuns(machine)[0]?.runId ?? '']).stdout).toMatch(
      /log +\d\.\d s +again: run changed\n.*lint .*again: it was asked for\n.*tell .*again: it rests on log/,
    );
  }, 60_000);

  it('was of a registry: its bundle is verified again', async () => {
    const machine = createMachine();
    const registry = createTestRegistry();
    const published = await registry.publish();
    const { url, close } = await serve(registry, [published]);
    const args = ['--registry', url, '--yes'];
    const failed = await run(machine, ['run', 'acme/deploy@1.0.0', ...args]);
    expect(failed.status).toBe(8);
    const runId = listRuns(machine)[0]?.runId ?? '';
    // What its step calls lies in the folder that it works in.
    mkdirSync(join(machine.dir, 'scripts'));
    writeFileSync(join(machine.dir, 'scripts', 'go.sh'), '#!/bin/sh\necho gone\n', { mode: 0o755 });
    const again = await run(machine, ['rerun', runId, '--from', 'go']);
    expect(again.stderr).toMatch(/^acme\/deploy 1\.0\.0 verified again$/m);
    expect(again.status).toBe(0);
    expect(await run(machine, ['rerun', runId, '--set', 'steps.go.run=true'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        'acme/deploy@1.0.0 is signed, and --overlay and --set would change it',
      ) as unknown,
    });
    close();
    const away = await run(machine, ['rerun', runId, '--from', 'go']);
    expect(away.stderr).toContain('acme/deploy 1.0.0 verified again · offline, freshness not checked');
    expect(away.status).toBe(0);
    expect(readdirSync(join(machine.dir, 'state', 'sheaf', 'bundles'))).toEqual([]);
  });

  it('was quarantined meanwhile: nothing of it runs again', async () => {
    const machine = createMachine();
    const registry = createTestRegistry();
    const published = await registry.publish();
    const lies: MoreLies = {};
    const { url } = await serve(registry, [published], lies);
    await run(machine, ['run', 'acme/deploy@1.0.0', '--registry', url, '--yes']);
    const rerun = ['rerun', listRuns(machine)[0]?.runId ?? '', '--from', 'go'];
    const at = registry.append({
      type: 'quarantine',
      ns: parseNamespace('acme'),
      name: parseWorkflowName('deploy'),
      version: parseVersion('1.0.0'),
      reason: 'malware',
    });
    lies.standing = () => registry.standing(at);
    const refused = await run(machine, rerun);
    expect(refused.stderr).toContain('error[state.quarantined]');
    expect(refused.status).toBe(3);
    expect(listRuns(machine)).toHaveLength(1);
  });
});

describe('a run of another terminal', () => {
  const SLOW = `id = "acme/slow"
version = "1.0.0"
[steps.first]
run = 'echo first'
[steps.slow]
needs = ["first"]
run = 'exec 2> slow-errors; echo begun; trap "echo ended; exit 1" TERM; for i in $(seq 300); do sleep 0.1; done'
[steps.other]
needs = ["first"]
run = 'sleep 30'
`;

  it('is followed, and cancelled, and leaves nothing behind', async () => {
    const machine = createMachine();
    writeWorkflow(machine, SLOW);
    const owner = run(machine, ['run', './flow', '--max-parallel', '2']);
    let runId = '';
    while (runId === '') {
      runId = listRuns(machine, '--status', 'running')[0]?.runId ?? '';
      await sleep(50);
    }
    const followed = run(machine, ['logs', runId, '--follow']);
    const json = run(machine, ['logs', runId, 'slow', '-f', '--json']);
    expect(machine.run(['resume', runId]).stderr).toContain(`end it: sheaf cancel ${runId}`);
    expect(machine.run(['workspace', 'clean', '--all']).stderr).toContain('left: 1 that go on');
    const log = join(machine.dir, 'state', 'sheaf', 'runs', runId, 'slow.log');
    while (!existsSync(log)) await sleep(20);

    const cancelled = await run(machine, ['cancel', runId]);
    expect(cancelled).toEqual({
      status: 0,
      stdout: `run ${runId} cancelled\n`,
      stderr: `2 steps stopped: slow, other\nwhat is done is kept; go on: sheaf resume ${runId}\n`,
    });
    const ended = await owner;
    expect(ended.status).toBe(130);
    expect(ended.stderr).toContain('asked to stop by another process: stopping 2 steps');
    expect(await followed).toMatchObject({
      status: 0,
      stdout: '[first] first\n[slow] begun\n[slow] ended\n',
      stderr: `run ${runId} cancelled; what is left: sheaf status ${runId}\n`,
    });
    const lines = (await json).stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      { schema: 'sheaf.run-event/1', type: 'step.output', runId, step: 'slow', text: 'begun' },
      { schema: 'sheaf.run-event/1', type: 'step.output', runId, step: 'slow', text: 'ended' },
      { schema: 'sheaf.logs/1', runId, status: 'cancelled', steps: [] },
    ]);

    const twice = machine.run(['cancel', runId, '--json']);
    expect(twice.status).toBe(1);
    expect(JSON.parse(twice.stdout)).toMatchObject({ code: 'run.ended', runId, status: 'cancelled' });
    expect(machine.run(['logs', runId, 'slow']).stdout).toBe('begun\nended\n');
  }, 60_000);
});

describe('workspaces', () => {
  it('are listed, shown, and removed when they are old enough; the runs stay in the list', () => {
    const machine = createMachine();
    writeWorkflow(machine, FLOW);
    writeFileSync(join(machine.dir, 'fixed'), '');
    machine.run(['run', './flow']);
    const runId = listRuns(machine)[0]?.runId ?? '';
    const listed = machine.run(['workspace', 'list']);
    expect(listed.stdout).toMatch(new RegExp(`^${runId}\\tacme/flow 1\\.0\\.0\\tsucceeded\\t\\d+\\t`));
    const shown = machine.run(['workspace', 'show', runId]).stdout;
    expect(shown).toContain(join(machine.dir, 'state', 'sheaf', 'runs', runId, 'log.log'));

    expect(machine.run(['workspace', 'clean']).stderr).toBe(
      'nothing to remove\nleft: 1 not old enough (--older-than)\n',
    );
    expect(machine.run(['workspace', 'clean', '--older-than', '1y']).status).toBe(2);
    const dry = machine.run(['workspace', 'clean', '--all', '--dry-run', '--json']);
    expect(JSON.parse(dry.stdout)).toMatchObject({ dryRun: true, removed: [{ runId }], kept: [] });
    expect(machine.run(['workspace', 'clean', '--all']).stdout).toMatch(new RegExp(`^${runId}\\t`));

    expect(JSON.parse(machine.run(['workspace', 'list', '--json']).stdout)).toMatchObject({ workspaces: [] });
    expect(machine.run(['workspace', 'show', runId]).status).toBe(4);
    expect(machine.run(['logs', runId]).stderr).toBe('its logs are not here any more\n');
    expect(listRuns(machine)).toMatchObject([{ runId, status: 'succeeded' }]);
    expect(existsSync(join(machine.dir, 'flow', 'workflow.toml'))).toBe(true);

    // What a kill leaves before the run is written down, and what somebody has just begun with.
    const bundles = join(machine.dir, 'state', 'sheaf', 'bundles');
    const [old, young] = [join(bundles, 'a'.repeat(16)), join(bundles, 'b'.repeat(16))];
    for (const folder of [old, young]) {
      mkdirSync(join(folder, 'bundle'), { recursive: true });
      writeFileSync(join(folder, 'bundle', 'workflow.toml'), FLOW);
    }
    utimesSync(old, new Date(), new Date(Date.now() - 2 * 60 * 60 * 1000));
    const left = JSON.parse(machine.run(['workspace', 'clean', '--dry-run', '--json']).stdout) as object;
    expect(left).toMatchObject({ leftovers: [{ path: old, sizeBytes: FLOW.length }] });
    expect(machine.run(['workspace', 'clean']).stderr).toMatch(/^removed 1 bundle of no run, \d+ B\n$/);
    expect(readdirSync(bundles)).toEqual(['b'.repeat(16)]);
  }, 60_000);
});

describe('graph', () => {
  it('draws the steps of a folder in each form', () => {
    const machine = createMachine();
    writeWorkflow(machine, FLOW);
    const draw = (...args: readonly string[]): string => machine.run(['graph', './flow', ...args]).stdout;
    expect(draw()).toBe(
      'flowchart LR\n  s0["log"]\n  s1["lint"]\n  s2{{"tell"}}\n  s0 --> s2\n  s1 --> s2\n',
    );
    expect(draw('--format', 'text')).toBe(
      "1\tlog\t\t\n1\tlint\t\tmay fail\n2\ttell\tlog, lint\twhen ${{ steps.log.outputs.stdout != '' }}\n",
    );
    expect(draw('--format', 'json')).toBe(draw('--json'));
    expect(JSON.parse(draw('--json'))).toMatchObject({
      verified: false,
      stages: [['log', 'lint'], ['tell']],
    });
    expect(draw('--format', 'svg')).toMatch(/^<svg [^]*>log<[^]*<\/svg>\n$/);
    expect(machine.run(['graph', './flow', '--format', 'png']).status).toBe(2);
  });
});
