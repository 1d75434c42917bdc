import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCli, createMachine, type Machine } from './harness.js';

beforeAll(() => {
  buildCli();
});

const FLOW = `id = "acme/flow"
version = "1.0.0"
[parameters.folder]
type = "path"
default = "src"
[steps.look]
run = 'cat "$PARAM_FOLDER/a.txt"; echo changed > src/a.txt; test -e ok'
`;

const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', ...args], {
    cwd,
    encoding: 'utf8',
  });

/** A repository with a workflow that fails, and a file that is in no commit. */
function makeProject(): { readonly machine: Machine; readonly root: string } {
  const machine = createMachine();
  const root = join(machine.dir, 'my répo');
  mkdirSync(join(root, 'src'), { recursive: true });
  mkdirSync(join(root, 'flow'));
  writeFileSync(join(root, 'src/a.txt'), 'committed');
  writeFileSync(join(root, 'flow/workflow.toml'), FLOW);
  git(root, 'init', '-q', '-b', 'main');
  git(root, 'add', '-A');
  git(root, 'commit', '-q', '-m', 'begin');
  writeFileSync(join(root, 'src/b.txt'), 'new');
  return { machine, root };
}

describe('a run in a workspace of its own', () => {
  it('leaves the repository alone, says what is not in it and how to look around, until it is cleaned', () => {
    const { machine, root } = makeProject();
    const ran = machine.run(['run', './flow', '--workspace', 'run', '--json'], { cwd: root });
    expect(ran.status).toBe(8);
    const lines = ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.find(({ type }) => type === 'workspace.created')).toMatchObject({
      kind: 'worktree',
      root,
      uncommitted: { count: 1, files: ['src/b.txt'] },
    });
    const { runId = '', workspace = '' } = lines.at(-1) as { runId?: string; workspace?: string };
    expect(readFileSync(join(root, 'src/a.txt'), 'utf8')).toBe('committed');
    expect(readFileSync(join(workspace, 'src/a.txt'), 'utf8')).toBe('changed\n');

    const refused = machine.run(['workspace', 'shell', runId], { cwd: root });
    expect([refused.status, refused.stderr]).toEqual([
      2,
      expect.stringContaining(`go there yourself: cd '${workspace}'`),
    ]);
    const shell = machine.run(['workspace', 'shell', runId, '--json'], { cwd: root });
    expect(JSON.parse(shell.stdout)).toMatchObject({
      step: 'look',
      cwd: workspace,
      environment: { PARAM_FOLDER: 'src', SHEAF_WORKSPACE: workspace },
    });
    expect(JSON.parse(machine.run(['workspace', 'show', runId, '--json']).stdout)).toMatchObject({
      cwd: workspace,
      workspaces: [{ kind: 'worktree', root }],
    });
    // What mended it is made where it failed.
    writeFileSync(join(workspace, 'ok'), '');
    const again = machine.run(['rerun', runId, '--from', 'look', '--keep-workspace'], { cwd: root });
    expect([again.status, again.stderr]).toEqual([
      0,
      expect.stringContaining(`the workspace of run ${runId}`),
    ]);
    expect(again.stderr).toContain('[look] changed');
    expect(machine.run(['workspace', 'clean', '--all']).stderr).toMatch(/^removed 2 runs, /);
    expect([existsSync(workspace), git(root, 'worktree', 'list').trim().split('\n').length]).toEqual([
      false,
      1,
    ]);
  });

  it('is said in words, with what helps', () => {
    const { machine, root } = makeProject();
    const { stderr } = machine.run(['run', './flow', '--workspace', 'run'], { cwd: root });
    expect(stderr).toMatch(
      /^● in a worktree of [0-9a-f]{7}, without 1 uncommitted file: src\/b\.txt \(--include-uncommitted\)$/m,
    );
    expect(stderr).toMatch(/^ {2}help: look around: sheaf workspace shell \w+$/m);
  });

  it.each([
    [['--workspace', 'rum'], 'help: --workspace run'],
    [['--workspace', 'elsewhere'], 'help: a folder of that name: --workspace ./elsewhere'],
    [['--include-uncommitted'], 'help: --workspace run --include-uncommitted'],
  ])('is refused with %j', (flags, help) => {
    const machine = createMachine();
    const { status, stderr } = machine.run(['run', './flow', ...flags]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(help)]);
    expect(stderr).toContain('error[usage.workspace]');
  });
});
