import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGitState, type PackedFile } from '../src/registry/git-source.js';

const ENV = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
const FILES = ['workflow.toml', 'scripts/ä b.sh'];

/** The files of a folder as they would be packed. */
function packed(dir: string, paths: readonly string[] = FILES): readonly PackedFile[] {
  return paths.map((path) => ({ path, bytes: readFileSync(join(dir, path)) }));
}

function createRepository(...initFlags: readonly string[]): {
  readonly dir: string;
  readonly git: (...args: readonly string[]) => string;
} {
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
  git('init', '--quiet', ...initFlags, '..');
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
    expect(await readGitState(dir, packed(dir), ENV)).toEqual({
      kind: 'clean',
      uri: 'git+https://example.com/acme/x.git',
      commit: git('rev-parse', 'HEAD').trim(),
    });
  });

  it('is dirty when a file of the bundle differs, is staged or is not tracked, and not when another is', async () => {
    const { dir, git } = createClean();
    writeFileSync(join(dir, 'other'), 'x');
    expect(await readGitState(dir, packed(dir), ENV)).toMatchObject({ kind: 'clean' });
    expect(await readGitState(dir, packed(dir, [...FILES, 'other']), ENV)).toEqual({
      kind: 'dirty',
      files: ['other'],
    });
    writeFileSync(join(dir, 'scripts/ä b.sh'), 'y');
    expect(await readGitState(dir, packed(dir), ENV)).toEqual({ kind: 'dirty', files: ['scripts/ä b.sh'] });
    git('add', '.');
    expect(await readGitState(dir, packed(dir), ENV)).toEqual({ kind: 'dirty', files: ['scripts/ä b.sh'] });
  });

  it('has nothing to say outside a repository or before the first commit', async () => {
    const { dir } = createRepository();
    expect(await readGitState(dir, packed(dir), ENV)).toEqual({ kind: 'none' });
    expect(await readGitState(mkdtempSync(join(tmpdir(), 'sheaf-nogit-')), packed(dir), ENV)).toEqual({
      kind: 'none',
    });
  });

  it.each(['--assume-unchanged', '--skip-worktree'])(
    'compares the bytes themselves, not what the index says after %s',
    async (flag) => {
      const { dir, git } = createClean();
      git('update-index', flag, 'workflow.toml');
      writeFileSync(join(dir, 'workflow.toml'), 'y');
      expect(await readGitState(dir, packed(dir), ENV)).toEqual({ kind: 'dirty', files: ['workflow.toml'] });
    },
  );

  it('does not believe a filter that makes other bytes look the same', async () => {
    const { dir, git } = createClean();
    git('config', 'filter.x.clean', 'printf x');
    writeFileSync(join(dir, '.gitattributes'), '* filter=x\n');
    writeFileSync(join(dir, 'workflow.toml'), 'y');
    expect(await readGitState(dir, packed(dir), ENV)).toEqual({ kind: 'dirty', files: ['workflow.toml'] });
  });

  it('does not take a link in the commit for the file whose content is its target', async () => {
    const { dir, git } = createClean();
    rmSync(join(dir, 'workflow.toml'));
    symlinkSync('target', join(dir, 'workflow.toml'));
    git('commit', '--quiet', '-a', '-m', 'y');
    rmSync(join(dir, 'workflow.toml'));
    writeFileSync(join(dir, 'workflow.toml'), 'target');
    expect(await readGitState(dir, packed(dir), ENV)).toEqual({ kind: 'dirty', files: ['workflow.toml'] });
  });

  it('names no commit that only a replacement makes hold the bytes', async () => {
    const { dir, git } = createClean();
    const head = git('rev-parse', 'HEAD').trim();
    writeFileSync(join(dir, 'workflow.toml'), 'y');
    git('commit', '--quiet', '-a', '-m', 'y');
    const other = git('rev-parse', 'HEAD').trim();
    git('reset', '--quiet', '--soft', head);
    git('replace', head, other);
    expect(await readGitState(dir, packed(dir), ENV)).toEqual({ kind: 'dirty', files: ['workflow.toml'] });
  });

  it('reads a repository of SHA-256 objects', async () => {
    const { dir, git } = createRepository('--object-format=sha256');
    git('add', '.');
    git('commit', '--quiet', '-m', 'x');
    git('remote', 'add', 'origin', 'https://example.com/x');
    expect(await readGitState(dir, packed(dir), ENV)).toMatchObject({
      kind: 'clean',
      commit: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  it('runs no program that the repository names', async () => {
    const { dir, git } = createClean();
    const trap = join(dir, 'trap.sh');
    writeFileSync(trap, `#!/bin/sh\ntouch '${dir}/sprung'\ncat\n`);
    chmodSync(trap, 0o755);
    const names = [
      'core.fsmonitor',
      'core.sshCommand',
      'core.pager',
      'diff.external',
      'diff.x.textconv',
      'diff.x.command',
      'filter.x.clean',
      'filter.x.smudge',
      'filter.x.process',
    ];
    for (const name of names) git('config', name, trap);
    git('config', 'filter.x.required', 'true');
    writeFileSync(join(dir, '.gitattributes'), '* diff=x filter=x\n');
    writeFileSync(join(dir, 'workflow.toml'), 'y');
    expect(await readGitState(dir, packed(dir), ENV)).toEqual({ kind: 'dirty', files: ['workflow.toml'] });
    expect(existsSync(join(dir, 'sprung'))).toBe(false);
  });

  it('fetches nothing that the repository lacks', async () => {
    const { dir, git } = createClean();
    const sprung = join(dir, 'sprung');
    git('config', 'remote.origin.url', `ext::sh -c touch% '${sprung}'`);
    for (const [name, value] of [
      ['protocol.ext.allow', 'always'],
      ['remote.origin.promisor', 'true'],
      ['extensions.partialClone', 'origin'],
      ['core.repositoryFormatVersion', '1'],
    ] as const)
      git('config', name, value);
    const tree = git('rev-parse', 'HEAD^{tree}').trim();
    rmSync(join(dir, '..', '.git', 'objects', tree.slice(0, 2), tree.slice(2)));
    await readGitState(dir, packed(dir), ENV);
    expect(existsSync(sprung)).toBe(false);
  });

  it('gives git no secret of the environment', async () => {
    const { dir } = createClean();
    const bin = mkdtempSync(join(tmpdir(), 'sheaf-bin-'));
    writeFileSync(join(bin, 'git'), `#!/bin/sh\nenv >> '${bin}/env'\nexit 1\n`);
    chmodSync(join(bin, 'git'), 0o755);
    const env = {
      ...ENV,
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      SHEAF_TOKEN: 'secret-1',
      CI_JOB_TOKEN: 'secret-2',
    };
    expect(await readGitState(dir, packed(dir), env)).toEqual({ kind: 'none' });
    const seen = readFileSync(join(bin, 'env'), 'utf8');
    expect(seen).toContain('GIT_OPTIONAL_LOCKS=0');
    expect(seen).not.toContain('secret-');
  });
});
