import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGitState } from '../src/registry/git-source.js';

const ENV = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
const FILES = ['workflow.toml', 'scripts/ä b.sh'];

function createRepository(): { readonly dir: string; readonly git: (...args: readonly string[]) => string } {
  const dir = join(mkdtempSync(join(tmpdir(), 'sheaf-git-')), 'sub');
  mkdirSync(join(dir, 'scripts'), { recursive: true });
  for (const file of FILES) writeFileSync(join(dir, file), 'x');
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t.example', ...args], {
      cwd: dir,
      env: ENV,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  git('init', '--quiet', '..');
  return { dir, git };
}

function createClean(): ReturnType<typeof createRepository> {
  const repository = createRepository();
  repository.git('add', '.');
  repository.git('commit', '--quiet', '-m', 'x');
  repository.git('remote', 'add', 'origin', 'https://user:secret@example.com/acme/x.git');
  return repository;
}

describe('readGitState', () => {
  it('names the commit and the remote, without what is secret in it', async () => {
    const { dir, git } = createClean();
    expect(await readGitState(dir, FILES, ENV)).toEqual({
      kind: 'clean',
      uri: 'git+https://example.com/acme/x.git',
      commit: git('rev-parse', 'HEAD').trim(),
    });
  });

  it('is dirty when a file of the bundle differs, is staged or is not tracked, and not when another is', async () => {
    const { dir, git } = createClean();
    writeFileSync(join(dir, 'other'), 'x');
    expect(await readGitState(dir, FILES, ENV)).toMatchObject({ kind: 'clean' });
    expect(await readGitState(dir, [...FILES, 'other'], ENV)).toEqual({ kind: 'dirty', files: ['other'] });
    writeFileSync(join(dir, 'scripts/ä b.sh'), 'y');
    expect(await readGitState(dir, FILES, ENV)).toEqual({ kind: 'dirty', files: ['scripts/ä b.sh'] });
    git('add', '.');
    expect(await readGitState(dir, FILES, ENV)).toEqual({ kind: 'dirty', files: ['scripts/ä b.sh'] });
  });

  it('has nothing to say outside a repository or before the first commit', async () => {
    const { dir } = createRepository();
    expect(await readGitState(dir, FILES, ENV)).toEqual({ kind: 'none' });
    expect(await readGitState(mkdtempSync(join(tmpdir(), 'sheaf-nogit-')), FILES, ENV)).toEqual({
      kind: 'none',
    });
  });

  it('runs no program that the repository names', async () => {
    const { dir, git } = createClean();
    const trap = join(dir, 'trap.sh');
    writeFileSync(trap, `#!/bin/sh\ntouch '${dir}/sprung'\n`);
    chmodSync(trap, 0o755);
    for (const name of ['core.fsmonitor', 'diff.external', 'diff.x.textconv', 'diff.x.command'])
      git('config', name, trap);
    writeFileSync(join(dir, '.gitattributes'), '* diff=x\n');
    writeFileSync(join(dir, 'workflow.toml'), 'y');
    expect(await readGitState(dir, FILES, ENV)).toEqual({ kind: 'dirty', files: ['workflow.toml'] });
    expect(existsSync(join(dir, 'sprung'))).toBe(false);
  });
});
