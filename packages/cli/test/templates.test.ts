import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSource } from '../src/workflow/source.js';
import { listTemplates, TEMPLATES } from '../src/workflow/template.js';
import { buildCli, createMachine, PACKAGE_DIR, type Machine } from './harness.js';

let machine: Machine;
let repository: string;

beforeAll(() => {
  buildCli();
  machine = createMachine();
  repository = join(machine.dir, 'ein Projekt');
  mkdirSync(repository);
  writeFileSync(join(repository, 'big.bin'), Buffer.alloc(3 * 1024 * 1024));
  writeFileSync(join(repository, 'broken.sh'), 'if true; then\n');
  writeFileSync(join(repository, 'merged.txt'), 'a\n<<<<<<< HEAD\nb\n');
  writeFileSync(
    join(repository, 'package-lock.json'),
    JSON.stringify({ packages: { '': {}, 'node_modules/@x/y': { version: '1.2.3' } } }, undefined, 2),
  );
  writeFileSync(join(repository, 'requirements.txt'), 'flask==3.0.1 # web\n-r other.txt\nrequests\n');
  writeFileSync(
    join(repository, 'go.mod'),
    'module x\n\nrequire (\n\tgolang.org/x/net v0.1.0 // indirect\n)\n',
  );
  writeFileSync(join(repository, 'Cargo.lock'), '[[package]]\nname = "serde"\nversion = "1.0.0"\n');
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'feat(core): the first | thing');
  git('tag', 'v1.0.0');
  git('commit', '-q', '--allow-empty', '-m', 'fix: a <b>second</b> thing');
});

function git(...args: readonly string[]): void {
  const who = ['-c', 'user.name=Ána', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...who, ...args], { cwd: repository, stdio: 'pipe' });
}

/** Starts a workflow from a template, beside the repository, and says what its definition has. */
async function init(template: string): Promise<string> {
  const dir = join(machine.dir, 'flöws', template);
  const { status, stderr } = machine.run(['init', dir, '--template', template, '--name', `acme/${template}`]);
  expect(status, stderr).toBe(0);
  const source = await readSource(dir, machine.dir);
  expect(source.diagnostics).toEqual([]);
  expect(source.definition?.id).toBe(`acme/${template}`);
  return dir;
}

/** Runs it in the repository, and gives its output `text` or, where it fails, what it says. */
function run(
  dir: string,
  ...params: readonly string[]
): { readonly status: number | null; readonly text: string } {
  const words = params.flatMap((each) => ['-p', each]);
  const { status, stdout, stderr } = machine.run(['run', dir, ...words, '--json'], { cwd: repository });
  const events = stdout.trimEnd().split('\n');
  const last = JSON.parse(events.at(-1) ?? '{}') as { readonly outputs?: { readonly text?: string } };
  return { status, text: last.outputs?.text ?? stdout + stderr };
}

describe('the templates', () => {
  it('are listed with what they do', async () => {
    const listed = await listTemplates(PACKAGE_DIR);
    expect(listed.map(({ name }) => name)).toEqual(TEMPLATES);
    for (const { description } of listed) expect(description).toMatch(/^[A-Z].{20,120}[^.]$/);
    const { stdout } = machine.run(['init', '--list']);
    expect(stdout.trimEnd().split('\n')).toEqual(listed.map((each) => `${each.name}\t${each.description}`));
  });

  it('write release notes since the last tag', async () => {
    const dir = await init('release-notes');
    const { status, text } = run(dir, 'title=v1.1.0', 'write=NOTES.md');
    expect(status).toBe(0);
    expect(text).toMatch(/^## v1\.1\.0\n\n1 commit since v1\.0\.0\.\n\n### Fixes\n\n- a bsecond\/b thing \(/);
    expect(readFileSync(join(repository, 'NOTES.md'), 'utf8').trimEnd()).toBe(text.trimEnd());
    expect(run(dir, 'since=no-such-tag').status).toBe(8);
  });

  it('report the dependencies that lock files name', async () => {
    const { status, text } = run(await init('dependencies'));
    expect(status).toBe(0);
    expect(text).toContain('5 dependencies: 1 npm, 2 python, 1 go, 1 cargo.');
    for (const row of [
      'npm | @x/y | 1.2.3',
      'python | flask | ==3.0.1',
      'python | requests |',
      'go | golang.org/x/net | v0.1.0',
    ])
      expect(text).toContain(`| ${row}`);
  });

  it('check a repository, and fail when something is found', async () => {
    const dir = await init('check');
    const told = run(dir, 'fail=false');
    expect(told.status).toBe(0);
    expect(told.text).toContain('conflict marker: merged.txt:2');
    expect(told.text).toContain('does not parse: broken.sh');
    expect(told.text).toContain('too large: big.bin, 3072 KiB');
    expect(told.text).toContain('3 findings');
    expect(run(dir).status).toBe(8);
  });

  it('report what happened lately', async () => {
    const { status, text } = run(await init('weekly'));
    expect(status).toBe(0);
    expect(text).toMatch(/^# The last 7 days\n\n2 commits by 1 person\./);
    expect(text).toContain('(Ána)');
    expect(text).toMatch(/\| \. \| \d \| \d+ \|/);
  });
});

describe('init', () => {
  it('keeps what is in a folder, and refuses to write over a definition', () => {
    const dir = join(machine.dir, 'voll');
    mkdirSync(dir);
    writeFileSync(join(dir, 'notes.txt'), 'mine');
    expect(machine.run(['init', dir]).status).toBe(0);
    expect(readFileSync(join(dir, 'notes.txt'), 'utf8')).toBe('mine');
    const again = machine.run(['init', dir]);
    expect(again.status).toBe(1);
    expect(again.stderr).toContain('init.in_the_way');
    expect(again.stderr).toContain('sheaf validate');
  });

  it('does not take two namespaces', () => {
    const { status } = machine.run(['init', 'x', '--name', 'acme/x', '--namespace', 'acme']);
    expect(status).toBe(2);
  });
});
