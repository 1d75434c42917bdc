import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonValue } from '@sheaf/workflow';
import { testAction, type TestRun } from '../src/action-testing/index.js';
import { loadBuiltIn } from '../src/actions/built-in.js';

let root = '';
let cwd = '';
const env = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ana',
  GIT_AUTHOR_EMAIL: 'ana@example.com',
  GIT_COMMITTER_NAME: 'Ben',
  GIT_COMMITTER_EMAIL: 'ben@example.com',
  GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
};
const git = (...args: string[]): string => execFileSync('git', args, { cwd, env, encoding: 'utf8' });
const commit = async (files: Readonly<Record<string, string>>, message: string): Promise<void> => {
  for (const [path, text] of Object.entries(files)) await writeFile(join(cwd, path), text);
  git('add', '-A');
  git('commit', '-q', '-m', message);
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sheaf-git-'));
  cwd = join(root, 'work');
  await mkdir(join(cwd, 'src'), { recursive: true });
  git('init', '-q', '-b', 'main');
  await commit({ 'a.txt': 'one\ntwo\n', 'src/b.ts': 'b\n' }, 'chore: begin');
  git('tag', 'v1.0.0');
  await commit({ 'a.txt': 'one\n2\nthree\n' }, 'feat(core)!: count\n\nWith a body\nof lines.');
  git('mv', 'src/b.ts', 'src/ü b.ts');
  await commit({ 'bin.dat': '\0\u0001' }, 'fix: move it');
  git('checkout', '-q', '-b', 'topic', 'v1.0.0');
  await commit({ 'c.md': '-- c\n' }, 'docs only');
  git('checkout', '-q', 'main');
});
afterAll(() => rm(root, { recursive: true, force: true }));

const run = async (
  name: string,
  inputs: Readonly<Record<string, JsonValue>> = {},
  exec: readonly string[] = ['git'],
): Promise<TestRun> => {
  const action = await loadBuiltIn(name);
  if (action === undefined) throw new TypeError(`no action ${name}`);
  return testAction(action, { cwd, env, permissions: { read: ['.'], exec } }).run(inputs);
};

describe('git.log', () => {
  it('lists commits with their fields and sums them up', async () => {
    const { outputs, error, log } = await run('git.log', { from: 'v1.0.0' });
    expect(error).toBeUndefined();
    expect(outputs).toMatchObject({ count: 2, truncated: false, authors: ['Ana'] });
    const [fix, feature] = outputs['commits'] as Record<string, JsonValue>[];
    expect(fix).toMatchObject({
      subject: 'fix: move it',
      kind: 'fix',
      scope: '',
      breaking: false,
      date: expect.stringMatching(/^2026-01-02T03:04:05(?:Z|\+00:00)$/) as string,
    });
    expect(feature).toMatchObject({
      kind: 'feat',
      scope: 'core',
      breaking: true,
      body: 'With a body\nof lines.',
      email: 'ana@example.com',
    });
    expect(outputs['summary']).toMatch(
      /^## Breaking changes\n\n- core: count \([0-9a-f]+\)\n\n## Fixes\n\n- move it/,
    );
    expect(log).toBe('');
  });

  it('says when there is more, and looks at paths as they are written', async () => {
    expect((await run('git.log', { limit: 1 })).outputs).toMatchObject({ count: 1, truncated: true });
    expect((await run('git.log', { paths: ['a.txt'] })).outputs['count']).toBe(2);
    expect((await run('git.log', { paths: ['*.txt'] })).outputs['count']).toBe(0);
  });
});

describe('git.diff', () => {
  it('says what changed, by file and in sum', async () => {
    const { outputs } = await run('git.diff', { from: 'v1.0.0', to: 'main', patch: true });
    expect(outputs['files']).toEqual([
      { path: 'a.txt', status: 'modified', from: '', additions: 2, deletions: 1, binary: false },
      { path: 'bin.dat', status: 'added', from: '', additions: 0, deletions: 0, binary: true },
      { path: 'src/ü b.ts', status: 'renamed', from: 'src/b.ts', additions: 0, deletions: 0, binary: false },
    ]);
    expect(outputs['summary']).toBe(
      'modified a.txt +2 -1\nadded bin.dat binary\nrenamed src/b.ts → src/ü b.ts +0 -0\n3 files, +2 -1',
    );
    expect(outputs['patch']).toContain('-two\n+2\n+three\n');
  });
});

describe('git.changed_files', () => {
  it('lists what changed since the branches parted', async () => {
    const { outputs } = await run('git.changed_files', { base: 'topic' });
    expect(outputs).toMatchObject({
      files: ['a.txt', 'bin.dat', 'src/b.ts', 'src/ü b.ts'],
      added: ['bin.dat', 'src/ü b.ts'],
      modified: ['a.txt'],
      deleted: ['src/b.ts'],
    });
    expect(
      (await run('git.changed_files', { base: 'topic', merge_base: false })).outputs['deleted'],
    ).toContain('c.md');
    expect((await run('git.changed_files', { base: 'topic', match: ['src/**'] })).outputs['count']).toBe(2);
  });
});

describe('git.describe', () => {
  it('says where the repository stands', async () => {
    const { outputs } = await run('git.describe');
    expect(outputs).toMatchObject({ branch: 'main', tag: 'v1.0.0', distance: 2, dirty: false });
    expect(outputs['description']).toMatch(/^v1\.0\.0-2-g[0-9a-f]{7}$/);
    expect((await run('git.describe', { match: 'release-*' })).outputs).toMatchObject({
      tag: '',
      distance: 3,
    });
  });

  it('sees changes that are not committed', async () => {
    await writeFile(join(cwd, 'a.txt'), 'changed\n');
    expect((await run('git.describe')).outputs['dirty']).toBe(true);
    git('checkout', '-q', 'a.txt');
  });
});

describe('a git action', () => {
  it.each([
    ['an option', '--output=/tmp/pwned'],
    ['a revision that there is not', 'v9'],
    ['a range', 'v1.0.0..main'],
    ['a text that searches', ':/begin'],
    ['a file of a revision', 'main:a.txt'],
    ['no revision', ''],
  ])('takes no revision that is %s', async (_, from) => {
    const { error } = await run('git.diff', { from, to: 'main' });
    expect(error?.code).toMatch(/^(?:git\.failed|action\.input)$/);
    expect(existsSync('/tmp/pwned')).toBe(false);
  });

  it('starts nothing without the permission', async () => {
    expect((await run('git.log', {}, ['bash'])).error).toMatchObject({
      code: 'policy.denied',
      hint: expect.stringContaining('"git"') as string,
    });
  });

  it('says that a folder is no repository', async () => {
    const { error } = await testAction((await loadBuiltIn('git.log')) as never, {
      cwd: root,
      env: { ...env, GIT_CEILING_DIRECTORIES: root },
      permissions: { read: ['.'], exec: ['git'] },
    }).run({});
    expect(error?.code).toBe('git.failed');
    expect(error?.message).toContain('not a git repository');
  });

  it('runs no program that the repository names', async () => {
    const mark = join(root, 'pwned');
    const script = join(root, 'evil.sh');
    await writeFile(script, `#!/bin/sh\ntouch ${mark}\ncat\n`, { mode: 0o755 });
    const settings = {
      'core.fsmonitor': script,
      'core.pager': script,
      'core.sshCommand': script,
      'core.hooksPath': root,
      'diff.external': script,
      'diff.evil.command': script,
      'diff.evil.textconv': script,
      'filter.evil.clean': script,
      'filter.evil.smudge': script,
      'filter.evil.process': script,
      'filter.evil.required': 'true',
      'gpg.program': script,
      'log.showSignature': 'true',
      'interactive.diffFilter': script,
      'alias.diff': `!${script}`,
      'alias.log': `!${script}`,
      'remote.origin.url': `ext::${script}`,
      'remote.origin.promisor': 'true',
      'protocol.ext.allow': 'always',
    };
    await writeFile(join(root, 'post-index-change'), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
    await writeFile(join(cwd, '.git/info/attributes'), '* diff=evil filter=evil\n');
    for (const [name, value] of Object.entries(settings)) git('config', name, value);
    await writeFile(join(cwd, 'a.txt'), 'touched\n');
    const hostile = { ...env, GIT_EXTERNAL_DIFF: script, GIT_SSH_COMMAND: script, GIT_PAGER: script };
    for (const [name, inputs] of [
      ['git.log', {}],
      ['git.diff', { from: 'v1.0.0', patch: true }],
      ['git.changed_files', { base: 'topic' }],
      ['git.describe', {}],
    ] as const) {
      const action = await loadBuiltIn(name);
      if (action === undefined) throw new TypeError(name);
      const { error } = await testAction(action, {
        cwd,
        env: hostile,
        permissions: { read: ['.'], exec: ['git'] },
      }).run(inputs);
      expect(error).toBeUndefined();
      expect(existsSync(mark)).toBe(false);
    }
    // The same repository does run it for who asks git itself.
    spawnSync('git', ['diff'], { cwd, env, stdio: 'ignore' });
    expect(existsSync(mark)).toBe(true);
  });
});
