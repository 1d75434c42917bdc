import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonValue } from '@sheaf/workflow';
import { testAction, type TestRun, type TestWorld } from '../src/action-testing/index.js';
import { loadBuiltIn } from '../src/actions/built-in.js';

let root = '';
let cwd = '';
let bundleDir = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sheaf-core-'));
  cwd = join(root, 'work');
  bundleDir = join(root, 'bundle');
  await mkdir(join(cwd, 'dist'), { recursive: true });
  await mkdir(join(cwd, '.git/hooks'), { recursive: true });
  await mkdir(bundleDir);
  await writeFile(join(root, 'secret.txt'), 'not for you');
  await writeFile(
    join(bundleDir, 'notes.tmpl'),
    '# ${{ title }}\n${{ lines.map(l, "- " + l).join("\\n") }}\n',
  );
  await writeFile(join(bundleDir, 'bad.tmpl'), 'one\ntwo ${{ nothing }}');
  await writeFile(join(cwd, 'data.json'), '{"items": [{"n": 1}, {"n": 2}], "__proto__": {"polluted": 1}}');
  await symlink(join(root, 'secret.txt'), join(cwd, 'link.txt'));
  await symlink(root, join(cwd, 'dist/up'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const run = async (
  name: string,
  inputs: Readonly<Record<string, JsonValue>>,
  permissions: TestWorld['permissions'] = { read: ['.'], write: ['dist/**'] },
): Promise<TestRun> => {
  const action = await loadBuiltIn(name);
  if (action === undefined) throw new TypeError(`no action ${name}`);
  return testAction(action, { cwd, bundleDir, permissions }).run(inputs);
};
const file = (operation: string, path: string, rest: Readonly<Record<string, JsonValue>> = {}) =>
  run('core.file', { operation, path, ...rest });

describe('core.echo', () => {
  it('gives back what it gets and writes its text to the log', async () => {
    const { outputs, log } = await run('core.echo', { text: 'hello', list: [1, { a: null }] });
    expect(outputs).toEqual({ text: 'hello', list: [1, { a: null }] });
    expect(log).toBe('hello\n');
  });

  it.each([
    ['a name that is none', { 'a b': 1 }],
    ['a number that JSON has not', { n: Number.NaN }],
    ['what is nested too deep', { deep: JSON.parse('['.repeat(40) + ']'.repeat(40)) as JsonValue }],
  ])('does not pass on %s', async (_, inputs) => {
    expect((await run('core.echo', inputs as Record<string, JsonValue>)).error?.code).toBe('action.output');
  });
});

describe('core.template', () => {
  it('fills in a file of the bundle with the other inputs', async () => {
    const { outputs } = await run('core.template', {
      template: 'notes.tmpl',
      title: 'News',
      lines: ['a', '${{ b }}'],
    });
    expect(outputs['text']).toBe('# News\n- a\n- ${{ b }}\n');
  });

  it('takes a file of the workspace where the bundle has none, and writes where it may', async () => {
    await writeFile(join(cwd, 'own.tmpl'), '${{ 1 + 1 }}!');
    const { outputs, error } = await run('core.template', {
      template: 'own.tmpl',
      output: 'dist/deep/NOTES.md',
    });
    expect(error).toBeUndefined();
    expect(outputs['text']).toBe('2!');
    expect(await readFile(join(cwd, 'dist/deep/NOTES.md'), 'utf8')).toBe('2!');
  });

  it('says where in the file an expression is wrong', async () => {
    const { error } = await run('core.template', { template: 'bad.tmpl' });
    expect(error?.code).toBe('action.template');
    expect(error?.message).toMatch(/bad\.tmpl:2:9/);
  });

  it.each([
    ['neither a file nor a text', {}, 'action.input'],
    ['both', { template: 'notes.tmpl', text: 'x' }, 'action.input'],
    ['a file that is not there', { template: 'gone.tmpl' }, 'file.missing'],
    ['a file outside of what it may read', { template: '../secret.txt' }, 'policy.denied'],
    ['a place that it may not write', { text: 'x', output: 'src/x' }, 'policy.denied'],
  ])('refuses %s', async (_, inputs, code) => {
    expect((await run('core.template', inputs)).error?.code).toBe(code);
  });
});

describe('core.json', () => {
  it('reads, merges and selects, in this order', async () => {
    const { outputs } = await run('core.json', {
      file: 'data.json',
      merge: [
        { items: [{ n: 3 }, { n: 4 }], gone: 1 },
        { gone: null, more: { a: 1 } },
      ],
      select: '{"n": value.items.map(i, i.n), "keys": value.more}',
    });
    expect(outputs['value']).toEqual({ n: [3, 4], keys: { a: 1 } });
    expect(outputs['text']).toBe('{"n":[3,4],"keys":{"a":1}}');
  });

  it('keeps a key with the name of the prototype as a key', async () => {
    const { outputs } = await run('core.json', {
      file: 'data.json',
      select: 'value["__proto__"].polluted',
      output: 'dist/x.json',
    });
    expect(outputs['value']).toBe(1);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['what is no JSON', { text: '{' }, 'action.json'],
    ['an expression that reads what is not there', { text: '{}', select: 'value.a.b' }, 'action.json'],
    [
      'an expression that takes too long',
      { value: {}, select: 'lists.range(1000).map(a, lists.range(1000).map(b, lists.range(1000)))' },
      'action.json',
    ],
    ['two values to begin with', { text: '{}', value: 1 }, 'action.input'],
    ['an input that there is not', { txt: '{}' }, 'action.input'],
  ])('refuses %s', async (_, inputs, code) => {
    expect((await run('core.json', inputs)).error?.code).toBe(code);
  });
});

describe('core.file', () => {
  it('writes, appends, reads, checks, copies, lists and removes', async () => {
    const sha256 = 'a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447';
    expect((await file('write', 'dist/a.txt', { content: 'hello', executable: true })).outputs).toMatchObject(
      { size: 5 },
    );
    expect((await stat(join(cwd, 'dist/a.txt'))).mode & 0o100).toBe(0o100);
    expect((await file('append', 'dist/a.txt', { content: ' world\n' })).outputs).toMatchObject({
      size: 12,
      sha256,
    });
    expect((await file('read', 'dist/a.txt', { sha256: `sha256:${sha256}` })).outputs['content']).toBe(
      'hello world\n',
    );
    expect((await file('copy', 'dist/a.txt', { to: 'dist/b/c.txt', sha256 })).outputs).toMatchObject({
      sha256,
      size: 12,
    });
    expect((await file('list', 'dist/**/*.txt')).outputs['files']).toEqual(['dist/a.txt', 'dist/b/c.txt']);
    expect((await file('exists', 'dist/none')).outputs['exists']).toBe(false);
    expect((await file('remove', 'dist/b/c.txt')).outputs['exists']).toBe(true);
    expect((await file('remove', 'dist/b/c.txt')).outputs['exists']).toBe(false);
  });

  it('leaves nothing behind when a copy has another checksum', async () => {
    const { error } = await file('copy', 'data.json', { to: 'dist/never', sha256: '0'.repeat(64) });
    expect(error?.code).toBe('file.checksum');
    expect((await file('list', 'dist/*')).outputs['files']).not.toContain('dist/never');
    expect((await file('exists', 'dist/never')).outputs['exists']).toBe(false);
  });

  it.each([
    ['reads outside of the workspace', 'read', '../secret.txt'],
    ['reads an absolute path', 'read', '/etc/passwd'],
    ['follows a link out of the workspace', 'read', 'link.txt'],
    ['follows a folder out of the workspace', 'write', 'dist/up/pwned'],
    ['writes where it may only read', 'write', 'src/x'],
    ['writes to version control', 'write', '.git/hooks/pre-commit'],
    ['removes outside of what it may write', 'remove', 'data.json'],
    ['lists above the workspace', 'exists', '..'],
  ])('never %s', async (_, operation, path) => {
    const { error } = await file(operation, path, operation === 'write' ? { content: 'x' } : {});
    expect(error?.code).toBe('policy.denied');
  });

  it('writes to version control not even where all may be written', async () => {
    const { error } = await run(
      'core.file',
      { operation: 'write', path: '.git/hooks/x', content: '' },
      { write: ['.'] },
    );
    expect(error?.code).toBe('policy.denied');
  });

  it.each([
    ['a pipe', 'pipe'],
    ['a folder', 'dist'],
  ])('does not wait for %s', async (_, path) => {
    const { execFileSync } = await import('node:child_process');
    if (path === 'pipe') execFileSync('mkfifo', [join(cwd, 'pipe')]);
    expect((await file('read', path)).error?.code).toBe('file.failed');
  });

  it('reads a glob as a permission', async () => {
    const world = { read: ['*.json'], write: [] };
    expect((await run('core.file', { operation: 'read', path: 'data.json' }, world)).error).toBeUndefined();
    expect((await run('core.file', { operation: 'read', path: 'dist/a.txt' }, world)).error?.code).toBe(
      'policy.denied',
    );
  });
});
