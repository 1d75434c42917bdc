import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCli, createMachine, type Machine } from './harness.js';

const step = '[steps.a]\nrun = "true"\n';
const GOOD = `id = "acme/good"\nversion = "1.0.0"\n\n${step}`;
const BAD = `id = "acme/bad"\nversion = "1.0.0"\n\n${step}needs = ["b"]\n`;

let machine: Machine;
beforeAll(() => {
  buildCli();
  machine = createMachine();
  for (const [name, text] of [
    ['flows/good', GOOD],
    ['flows/deep/er/bad', BAD],
    ['flows/node_modules/x', 'not a definition'],
    ['empty', undefined],
  ] as const) {
    const dir = join(machine.dir, name);
    mkdirSync(dir, { recursive: true });
    if (text !== undefined) writeFileSync(join(dir, 'workflow.toml'), text);
  }
});

interface Document {
  readonly valid: boolean;
  readonly file: string;
  readonly errors: number;
  readonly files: readonly { readonly file: string; readonly valid: boolean }[];
}

describe('validate', () => {
  it('checks every definition below a folder, and each that is named', () => {
    const { status, stdout } = machine.run(['validate', 'flows', 'flows/good', '--json']);
    const document = JSON.parse(stdout) as Document;
    expect(status).toBe(7);
    expect(document).toMatchObject({ valid: false, errors: 1 });
    expect(document.files.map(({ file, valid }) => [file, valid])).toEqual([
      ['flows/deep/er/bad/workflow.toml', false],
      ['flows/good/workflow.toml', true],
    ]);
    const told = machine.run(['validate', 'flows']);
    expect(told.stdout).toBe('valid acme/good 1.0.0 · 1 step\n');
    expect(told.stderr).toContain('error[definition.invalid]: 1 of 2 definitions has errors');
    expect(machine.run(['validate', 'empty']).stderr).toContain('definition.missing');
  });

  it('reads stdin, under the name that it is given', () => {
    const yaml = 'id: acme/piped\nversion: 1.0.0\nsteps: { a: { run: "true" } }\n';
    const args = ['validate', '-', '--stdin-name', 'ci.yaml'];
    expect(machine.run(args, { input: yaml }).stdout).toBe('valid acme/piped 1.0.0 · 1 step\n');
    const wrong = machine.run(['validate', '-'], { input: BAD });
    expect([wrong.status, wrong.stderr]).toEqual([7, expect.stringContaining(' --> workflow.toml:6:10')]);
    expect(machine.run(['validate', 'flows/good', '--stdin-name', 'x']).status).toBe(2);
  });

  it('lays files and settings over a definition, and points into them', () => {
    const dir = join(machine.dir, 'laid');
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'workflow.toml'), GOOD);
    writeFileSync(join(dir, 'workflow.ci.toml'), '[steps.a]\ntimeout = "soon"\n');
    expect(machine.run(['validate', 'laid']).status).toBe(0);
    const wrong = machine.run(['validate', 'laid', '--overlay', 'ci']);
    expect([wrong.status, wrong.stderr]).toEqual([
      7,
      expect.stringContaining(' --> workflow.ci.toml:2:11\n     2 | timeout = "soon"'),
    ]);
    const mended = machine.run(['validate', 'laid', '--overlay', 'ci', '--set', 'steps.a.timeout=5m']);
    expect([mended.status, mended.stdout]).toEqual([0, 'valid acme/good 1.0.0 · 1 step\n']);
    const set = machine.run(['plan', './laid', '--set', 'steps.b.run=echo b', '--set', 'steps.a=null']);
    expect(set.stdout).toContain('1 b · bash\n    echo b');
    expect(machine.run(['validate', 'laid', '--overlay', 'nowhere']).stderr).toContain('file.not_found');
    expect(machine.run(['validate', 'laid', '--set', 'a b']).stderr).toContain('error[usage.setting]');
  });

  it('tells findings as SARIF, from the root of the repository', () => {
    const cwd = join(machine.dir, 'flows', 'deep');
    const env = { GITHUB_WORKSPACE: machine.dir };
    const { status, stdout, stderr } = machine.run(['validate', 'er/bad', '--format', 'sarif'], { cwd, env });
    expect([status, stderr]).toEqual([7, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          results: [
            {
              ruleId: 'step.need_unknown',
              locations: [
                { physicalLocation: { artifactLocation: { uri: 'flows/deep/er/bad/workflow.toml' } } },
              ],
            },
          ],
        },
      ],
    });
    expect(machine.run(['validate', '--format', 'sarif', '--json']).status).toBe(2);
  });

  it('annotates by itself in a job of GitHub, beside what people read', () => {
    const env = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: machine.dir };
    const cwd = join(machine.dir, 'flows');
    const { stderr } = machine.run(['validate', 'deep'], { cwd, env });
    expect(stderr).toContain('error[step.need_unknown]: no step is called `b`\n');
    expect(`\n${stderr}`).toContain(
      '\n::error file=flows/deep/er/bad/workflow.toml,line=6,endLine=6,col=10,endColumn=13,title=step.need_unknown::no step',
    );
    const alone = machine.run(['validate', 'deep', '--format', 'github'], { cwd, env });
    expect([alone.stdout.startsWith('::error file='), alone.stderr]).toEqual([true, '']);
  });

  it('explains a code', () => {
    const { stdout } = machine.run(['validate', '--explain', 'step.cycle']);
    expect(stdout).toMatch(/^step\.cycle\n {2}Steps wait for each other.*\.\n {2}help: remove one/);
    const unknown = machine.run(['validate', '--explain', 'step.cycel']);
    expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining('--explain step.cycle')]);
  });
});
