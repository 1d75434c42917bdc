import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findIgnored } from '../src/workflow/warnings/ignored.js';

const ENV = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
const FILES = ['workflow.toml', 'dist/out.js', 'notes ä.log', 'kept.log'];

function createFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'sheaf-ignored-'));
  mkdirSync(join(dir, 'dist'));
  for (const path of FILES) writeFileSync(join(dir, path), 'x');
  writeFileSync(join(dir, '.gitignore'), 'dist/\n*.log\n');
  return dir;
}

const git = (dir: string, ...args: readonly string[]): Buffer =>
  execFileSync('git', args, { cwd: dir, env: ENV, stdio: 'pipe' });
const ignoredIn = async (dir: string, env: NodeJS.ProcessEnv = ENV) => {
  const found = await findIgnored(
    dir,
    FILES.map((path) => ({ path })),
    env,
  );
  return found.map(({ code, file }) => `${code} ${file}`);
};

describe('packed files that git ignores', () => {
  it('are found in a repository, but not those that git holds all the same', async () => {
    const dir = createFolder();
    git(dir, 'init', '--quiet');
    git(dir, 'add', '--force', 'kept.log');
    expect(await ignoredIn(dir)).toEqual(['pack.ignored dist/out.js', 'pack.ignored notes ä.log']);
  });

  it('are none where there is no repository, or no git', async () => {
    const dir = createFolder();
    expect(await ignoredIn(dir)).toEqual([]);
    git(dir, 'init', '--quiet');
    expect(await ignoredIn(dir, { ...ENV, PATH: '/nowhere' })).toEqual([]);
  });

  it('are found without running a program that the folder names', async () => {
    const dir = createFolder();
    git(dir, 'init', '--quiet');
    git(dir, 'config', 'core.fsmonitor', `touch ${join(dir, 'ran')}; false`);
    expect(await ignoredIn(dir)).toContain('pack.ignored dist/out.js');
    expect(() => execFileSync('ls', [join(dir, 'ran')], { stdio: 'pipe' })).toThrow();
  });
});
