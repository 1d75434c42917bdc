import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEngine, type RunEvent } from '@sheaf/engine';
import { describe, expect, it } from 'vitest';
import { testPlan, testStep } from '../src/testing/plan.js';
import { git, makeRepository } from './repositories.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();
const hasJujutsu = spawnSync('jj', ['--version']).status === 0;
if (!hasJujutsu) console.warn('SKIPPED: the tests with jj itself need jj');

/** Runs one step in a workspace, with programs of a folder before those of the machine. */
async function run(
  cwd: string,
  bin?: string,
): Promise<{ readonly status: string; readonly events: readonly RunEvent[] }> {
  const path = process.env['PATH'] ?? '';
  const engine = await openEngine({
    stateDir: join(folder(), 'state'),
    environment: { ...process.env, PATH: bin === undefined ? path : `${bin}:${path}` },
  });
  try {
    const { status, runId } = await engine.run({
      plan: testPlan([testStep('it', { run: 'cat a.txt' })]),
      cwd,
      source: { kind: 'local', path: cwd },
      workspace: { kind: 'run' },
    });
    return { status, events: engine.readEvents(runId) };
  } finally {
    engine.close();
  }
}

const createdIn = (events: readonly RunEvent[]) => events.find(({ type }) => type === 'workspace.created');

/** A program that answers as jj does, and writes down what it was asked. */
function standIn(commit: string): { readonly bin: string; readonly asked: () => readonly string[] } {
  const bin = folder();
  const log = join(bin, 'asked');
  const text = `#!/bin/sh
echo "$*" >> '${log}'
case "$*" in
  --version) echo 'jj 0.30.0';;
  *' log '*) echo ${commit};;
  *' workspace add '*) for to; do :; done; mkdir "$to"; echo one > "$to/a.txt";;
esac
`;
  writeFileSync(join(bin, 'jj'), text, { mode: 0o755 });
  return { bin, asked: () => readFileSync(log, 'utf8').trim().split('\n') };
}

describe('a run in a repository of Jujutsu', () => {
  it('asks jj for a workspace of the change, and has it forget that', async () => {
    const root = folder();
    mkdirSync(join(root, '.jj'));
    const commit = 'c'.repeat(40);
    const { bin, asked } = standIn(commit);
    const { status, events } = await run(root, bin);
    const created = createdIn(events);
    expect([status, created]).toMatchObject(['succeeded', { kind: 'jj', head: commit, root }]);
    const id = created?.type === 'workspace.created' ? created.id : '';
    const path = created?.type === 'workspace.created' ? created.path : '';
    const options = '--no-pager --color never --quiet';
    expect(asked()).toEqual([
      '--version',
      `${options} log --no-graph -r @ -T commit_id`,
      `${options} workspace add --name sheaf-${id} -r ${commit} ${path}`,
      `${options} workspace forget sheaf-${id}`,
    ]);
  });

  it('works in a worktree of the change where git shares the repository', async () => {
    const root = makeRepository(folder(), { 'a.txt': 'one' });
    const change = git(root, 'rev-parse', 'HEAD').trim();
    writeFileSync(join(root, 'a.txt'), 'two');
    git(root, 'commit', '-qam', 'more');
    mkdirSync(join(root, '.jj'));
    const { events } = await run(root, standIn(change).bin);
    expect(createdIn(events)).toMatchObject({ kind: 'worktree', head: change });
  });

  it.runIf(!hasJujutsu)('is refused where jj is not installed', async () => {
    const root = folder();
    mkdirSync(join(root, '.jj'));
    await expect(run(root)).rejects.toMatchObject({ code: 'workspace.unusable' });
  });

  it.runIf(hasJujutsu)('has the files of the change, with jj itself', async () => {
    const root = folder();
    spawnSync('jj', ['git', 'init', '--no-colocate'], { cwd: root });
    writeFileSync(join(root, 'a.txt'), 'one');
    const { status, events } = await run(root);
    expect([status, createdIn(events)]).toMatchObject(['succeeded', { kind: 'jj' }]);
    expect(spawnSync('jj', ['workspace', 'list'], { cwd: root, encoding: 'utf8' }).stdout).not.toContain(
      'sheaf-',
    );
  });
});
