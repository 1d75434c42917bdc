import { describe, expect, it, vi } from 'vitest';
import { Lexer } from 'yaml';

import { readDefinition } from '../src/index.js';
import { listSteps } from '../src/walk.js';

const HEAD = 'id = "a/b"\nversion = "1.0.0"\n';
const YAML = 'id: a/b\nversion: 1.0.0\n';
const many = (count: number, make: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join('');

/** Texts that are made to be slow or to blow up, and what is said of them first: most have an error, all must be answered in time. */
const CASES: readonly (readonly [title: string, file: string, code: string | undefined, text: string])[] = [
  [
    '10,000 steps in one cycle',
    'w.toml',
    'step.cycle',
    HEAD + many(10_000, (i) => `[steps.s${i}]\nrun="x"\nneeds=["s${(i + 1) % 10_000}"]\n`),
  ],
  [
    '10,000 steps in one cycle',
    'w.yaml',
    'step.cycle',
    `${YAML}steps:\n${many(10_000, (i) => `  s${i}: {run: x, needs: [s${(i + 1) % 10_000}]}\n`)}`,
  ],
  ['10,001 steps', 'w.toml', 'value.range', HEAD + many(10_001, (i) => `[steps.s${i}]\nrun="x"\n`)],
  [
    '10,000 wrong needs',
    'w.toml',
    'step.need_unknown',
    HEAD + many(10_000, (i) => `[steps.step${i}]\nrun="x"\nneeds=["setp${i}"]\n`),
  ],
  [
    'one step with 10,000 needs',
    'w.toml',
    'step.need_unknown',
    `${HEAD}[steps.a]\nrun="x"\nneeds=[${many(10_000, (i) => `"n${i}",`)}]\n`,
  ],
  ['100,000 unknown keys', 'w.toml', 'key.missing', HEAD + many(100_000, (i) => `k${i}=1\n`)],
  ['60,000 keys', 'w.yaml', 'syntax.too_large', YAML + many(60_000, (i) => `k${i}: 1\n`)],
  ['deep lists', 'w.toml', 'syntax.too_deep', `${HEAD}x=${'['.repeat(500_000)}`],
  ['deep lists', 'w.yaml', 'syntax.too_deep', `${YAML}x: ${'['.repeat(500_000)}`],
  ['deep lists with text between', 'w.yaml', 'syntax.too_deep', `${YAML}x: ${'[a,'.repeat(50_000)}`],
  ['deep maps', 'w.yaml', 'syntax.too_large', `${YAML}x: ${'{a: '.repeat(50_000)}`],
  ['deep dashes', 'w.yaml', 'syntax.too_deep', `${YAML}x:\n  ${'- '.repeat(200_000)}`],
  ['deep blocks', 'w.yaml', 'syntax.too_deep', YAML + many(1000, (i) => `${' '.repeat(i)}a:\n`)],
  ['a dotted key of 100,000 parts', 'w.toml', 'key.missing', `${HEAD}${'a.'.repeat(100_000)}a=1\n`],
  ['deep tables', 'w.toml', 'key.missing', `${HEAD}[${'a.'.repeat(100_000)}a]\n`],
  [
    'aliases of aliases',
    'w.yaml',
    'syntax.yaml',
    `a: &a [x]\n${many(30, (i) => `b${i}: &b${i} [${'*a,'.repeat(9)}]\n`)}`,
  ],
  [
    'a pattern that backtracks',
    'w.toml',
    'parameter.default',
    `${HEAD}[parameters.a]\ntype="string"\npattern='^(([a-z]+)+)+$'\ndefault="${'a'.repeat(30_000)}!"\n[steps.a]\nrun="env"\n`,
  ],
  [
    '100 patterns of full size',
    'w.toml',
    'parameter.default',
    `${HEAD}${many(100, (i) => `[parameters.p${i}]\ntype="string"\npattern='(a?){9${i % 10}}(a?){900}b'\ndefault="${'a'.repeat(100)}"\n`)}[steps.a]\nrun="env"\n`,
  ],
  [
    'patterns that repeat nothing',
    'w.toml',
    undefined,
    `${HEAD}[parameters.a]\ntype="string"\npattern='(((){1000}){1000}){1000}'\n[steps.a]\nrun="env"\n`,
  ],
  [
    'a glob of stars',
    'w.toml',
    'bundle.glob_unmatched',
    `${HEAD}[bundle]\ninclude=["${'*a'.repeat(90)}"]\n[steps.a]\nrun="true"\n`,
  ],
  [
    '200 variables of nested expressions',
    'w.toml',
    undefined,
    `${HEAD}[steps.a]\nrun="true"\n${many(200, (i) => `env.V${i}="\${{ ${'('.repeat(90)}1${')'.repeat(90)} }}"\n`)}`,
  ],
  [
    'a megabyte of expressions',
    'w.toml',
    undefined,
    `${HEAD}${many(30, (i) => `[steps.s${i}]\nrun="true"\nenv.A="${'${{ 1 }}'.repeat(4000)}"\n`)}`,
  ],
  [
    '9,900 steps in 100 blocks that read each other',
    'w.toml',
    undefined,
    HEAD +
      many(100, (i) => `[steps.b${i}]\nparallel=true\n`) +
      many(9_900, (i) => {
        const before = i % 100 === 0 ? 'run.id' : `steps.b${(i % 100) - 1}.outputs.s${i - 1}.stdout`;
        return `[steps.b${i % 100}.steps.s${i}]\nrun="x"\nenv.A="\${{ ${before} }}"\n`;
      }),
  ],
  [
    'steps in steps without end',
    'w.toml',
    'step.depth',
    `${HEAD}${many(15, (i) => `[${Array.from({ length: i + 1 }, (_, k) => `steps.s${k}`).join('.')}]\nparallel=true\n`)}`,
  ],
  [
    'steps in steps without end',
    'w.yaml',
    'syntax.too_deep',
    `${YAML}steps:\n${many(40, (i) => `${' '.repeat(4 * i + 2)}s${i}:\n${' '.repeat(4 * i + 4)}parallel: true\n${' '.repeat(4 * i + 4)}steps:\n`)}`,
  ],
  [
    '20 steps of catch behind 9,900 steps',
    'w.toml',
    'step.unknown',
    HEAD +
      many(9_900, (i) => `[steps.s${i}]\nrun="x"\n`) +
      many(20, () => `[[catch]]\nrun="x"\n${many(100, (k) => `env.A${k}="\${{ steps.z${k}.status }}"\n`)}`),
  ],
  [
    'a loop over a list of full length',
    'w.toml',
    undefined,
    HEAD + many(100, (i) => `[steps.s${i}]\nforeach="\${{ [${'1,'.repeat(400)}1] }}"\nrun="x"\n`),
  ],
  [
    '5,000 loops whose names are taken',
    'w.toml',
    'loop.name',
    HEAD + many(5_000, (i) => `[steps.s${i}]\nforeach="\${{ [] }}"\nas="steps"\nrun="x"\n`),
  ],
  [
    '10,000 uses of what there is not',
    'w.toml',
    'action.unknown',
    HEAD +
      many(100, (i) => `[actions.action-number-${i}]\nrun="x"\n`) +
      many(10_000, (i) => `[steps.s${i}]\nuses="acton-number-${i}"\n`),
  ],
  [
    '300 steps with 90 inputs each that nothing takes',
    'w.toml',
    'input.missing',
    HEAD +
      `[actions.a]\nrun="x"\n${many(100, (k) => `inputs.input-number-${k}={type="json"}\n`)}` +
      many(300, (i) => `[steps.s${i}]\nuses="a"\n${many(90, (k) => `with.inptu-number-${k}=1\n`)}`),
  ],
  [
    'schedules of full length',
    'w.toml',
    'trigger.cron',
    HEAD +
      '[steps.a]\nrun="x"\n' +
      many(20, () => `[[on.schedule]]\ncron="${'0-59/1,'.repeat(12)}x * * * *"\n`),
  ],
  [
    'conditions that are the same in every run',
    'w.toml',
    'expression.constant',
    HEAD +
      many(
        3_000,
        (i) =>
          `[steps.s${i}]\nrun="x"\nwhen="\${{ [1,1,1,1,1].all(a,[1,1,1,1].all(b,[1,1,1,1].all(c,a==b))) }}"\n`,
      ),
  ],
  [
    'a script of full size with markers',
    'w.toml',
    'run.templated',
    `${HEAD}[steps.a]\nscript='''${'${{ '.repeat(26_000)}params'''\n`,
  ],
  [
    'values nested in `with`',
    'w.toml',
    'expression.type',
    `${HEAD}[steps.a]\nscript="x"\n${many(90, (k) => `with.a${k}=[${'"${{ 1 + \'a\' }}",'.repeat(400)}]\n`)}`,
  ],
  ['text that never closes', 'w.toml', 'syntax.toml', `${HEAD}x="""${'\\'.repeat(900_000)}`],
  ['a line of a megabyte', 'w.yaml', 'syntax.yaml', `${YAML}x: "${'a\\n'.repeat(300_000)}`],
  [
    'a run of full size with markers',
    'w.toml',
    'bundle.file_missing',
    `${HEAD}[steps.a]\nrun='''${'$SHEAF_BUNDLE/a '.repeat(8000)}'''\n`,
  ],
  [
    'fields of fields by text',
    'w.toml',
    'expression.type',
    `${HEAD}[steps.a]\nrun="true"\nenv.A="\${{ 1${"['a']".repeat(95)} }}"\n`,
  ],
  ['a run of backslashes', 'w.toml', undefined, `${HEAD}[steps.a]\nrun='''${'\\'.repeat(130_000)}'''\n`],
  [
    'a list below a long key',
    'w.toml',
    'key.missing',
    `${HEAD}[${'k'.repeat(500_000)}]\na=[${'1,'.repeat(25_000)}]\n`,
  ],
  [
    'a list below a long key',
    'w.yaml',
    'syntax.too_large',
    `${YAML}? ${'k'.repeat(500_000)}\n: [${'1,'.repeat(100_000)}]\n`,
  ],
  [
    'findings below a long key',
    'w.toml',
    'name.invalid',
    `${HEAD}[steps.${'k'.repeat(900_000)}]\nrun="x"\n${many(200, (i) => `env.PARAM_${i}=[]\n`)}`,
  ],
  [
    'wrong needs among long names',
    'w.toml',
    'name.invalid',
    HEAD +
      many(2000, (i) => {
        const at = String(i).padStart(4, '0');
        const [a, b] = ['a'.repeat(29), 'b'.repeat(29)];
        return `[steps.a${a}${at}b${b}]\nrun="x"\nneeds=["b${a}x${at}${b}c"]\n`;
      }),
  ],
  [
    'findings after many escapes',
    'w.toml',
    'bundle.file_missing',
    `${HEAD}[steps.a]\nrun="""${'\\\\'.repeat(100_000)}${many(400, (i) => ` $SHEAF_BUNDLE/x${i} `)}"""\n`,
  ],
  [
    'findings after many lines',
    'w.yaml',
    'bundle.file_missing',
    `${YAML}steps:\n  a:\n    run: |\n${'\n'.repeat(120_000)}${many(400, (i) => `      $SHEAF_BUNDLE/x${i}\n`)}`,
  ],
  [
    'many ways back to the start',
    'w.toml',
    'step.cycle',
    HEAD +
      many(4000, (i) => `[steps.s${i}]\nrun="x"\nneeds=["s${i + 1}"]\n`) +
      many(
        25,
        (k) => `[steps.s${4000 + k}]\nrun="x"\nneeds=["s${4001 + k}",${many(4000, (i) => `"s${i}",`)}]\n`,
      ),
  ],
  [
    'a megabyte of patterns',
    'w.toml',
    'expression.pattern',
    `${HEAD}[parameters.a]\ntype="string"\n` +
      many(400, (i) => {
        const tests = many(60, (j) => `params.a.matches('(a{999}){4}${i}x${j}')||`);
        return `[steps.s${i}]\nrun="true"\nwhen="\${{ ${tests}true }}"\n`;
      }),
  ],
  [
    'patterns of large sets',
    'w.toml',
    'parameter.default',
    HEAD +
      many(
        100,
        (i) =>
          `[parameters.p${i}]\ntype="string"\npattern='(?i)([${'\\pZ\\P{L}'.repeat(50)}]?){999}$'\ndefault="${'b'.repeat(9000)}"\n`,
      ) +
      '[steps.a]\nrun="env"\n',
  ],
  ['a megabyte of items', 'w.toml', 'key.missing', `${HEAD}x=[${'"a",'.repeat(260_000)}]\n`],
  ['a megabyte of items', 'w.yaml', 'syntax.too_large', `${YAML}x: [${'[a],'.repeat(260_000)}]\n`],
  ['a megabyte of closing braces', 'w.yaml', 'syntax.too_large', `${YAML}${'}'.repeat(1_000_000)}`],
  ['a megabyte of commas', 'w.yaml', 'syntax.too_large', `${YAML}x: [${','.repeat(1_000_000)}]`],
  ['a megabyte of wrong escapes', 'w.yaml', 'syntax.yaml', `${YAML}x: "${'\\q'.repeat(500_000)}"\n`],
  ['more than a megabyte', 'w.toml', 'syntax.too_large', 'x'.repeat(1_048_577)],
  [
    '5,000 cycles of two steps',
    'w.toml',
    'step.cycle',
    HEAD +
      many(
        5_000,
        (i) => `[steps.a${i}]\nrun="x"\nneeds=["b${i}"]\n[steps.b${i}]\nrun="x"\nneeds=["a${i}"]\n`,
      ),
  ],
  [
    '10,000 parameters',
    'w.toml',
    'value.range',
    `${HEAD}[steps.a]\nrun="x"\n${many(10_000, (i) => `[parameters.p${i}]\ntype="string"\ndefault=""\n`)}`,
  ],
  [
    'a loop over a list of 300,000 items',
    'w.toml',
    'value.range',
    `${HEAD}[steps.a]\nforeach="\${{ [${'1,'.repeat(300_000)}1] }}"\nrun="x"\n`,
  ],
  ['a line of a megabyte', 'w.toml', 'key.missing', `${HEAD}[steps.a]\nrunn="${'x'.repeat(1_000_000)}"\n`],
];

/** Time on a core, in ms: what else the machine does at the same time does not count. */
function spentSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe('hostile definitions', () => {
  it.each(CASES)('cost less than a second: %s as %s', (title, file, code, text) => {
    const files = Array.from({ length: 200 }, (_, i) => `${'a'.repeat(150)}${i}`);
    const before = process.cpuUsage();
    const { diagnostics } = readDefinition({ text, file }, { files });
    const spentMs = spentSince(before);
    expect(diagnostics.length).toBeLessThanOrEqual(200);
    // Another code would say that it is refused before it reaches what it is made for.
    expect(diagnostics[0]?.code).toBe(code);
    // Twice the promise: cores that share their caches with other tests are slower.
    expect(spentMs).toBeLessThan(2000);
    if (process.env['SHOW_TIMES'] !== undefined) console.log(spentMs.toFixed(0), file, title, code);
  });
});

describe('hostile globs', () => {
  const globs = (count: number, make: (i: number) => string) => `[${many(count, (i) => `"${make(i)}",`)}]`;
  const files = (count: number, length: number) =>
    Array.from({ length: count }, (_, i) => `${'a'.repeat(length - 5)}${i}`);
  const define = (list: string) =>
    `${HEAD}[bundle]\ninclude=${list}\nexecutable=${list}\n[steps.a]\nrun="true"\n`;

  it.each([
    ['64 globs over 10,000 long paths', 64, 10_000, 'bundle.too_complex'],
    ['as many as the budget allows', 64, 600, 'bundle.glob_unmatched'],
    ['more globs than the schema allows', 8000, 10_000, 'value.range'],
  ] as const)('cost less than a second: %s', (_title, count, paths, code) => {
    const text = define(globs(count, (i) => `*${'a'.repeat(47)}b${i}`));
    const before = process.cpuUsage();
    const { diagnostics } = readDefinition({ text, file: 'w.toml' }, { files: files(paths, 200) });
    expect(spentSince(before)).toBeLessThan(1000);
    expect(diagnostics.map((each) => each.code)).toContain(code);
  });
});

describe('work that grows with the text', () => {
  it('is done once: YAML is taken apart in one pass, which ends where there is too much', () => {
    const lex = vi.spyOn(Lexer.prototype, 'lex');
    try {
      readDefinition({ text: `${YAML}steps: {a: {run: x}}\n`, file: 'w.yaml' });
      const { diagnostics } = readDefinition({
        text: `${YAML}x: [${'a,'.repeat(400_000)}]\n`,
        file: 'w.yaml',
      });
      expect(diagnostics.map(({ code }) => code)).toEqual(['syntax.too_large']);
      expect(lex).toHaveBeenCalledTimes(2);
    } finally {
      lex.mockRestore();
    }
  });

  it('is done once: the steps of a definition are listed for all of its checks', () => {
    const text = `${HEAD}[steps.a]\nrun="x"\n[steps.b]\nparallel=true\n[steps.b.steps.c]\nrun="x"\n`;
    const { definition } = readDefinition({ text, file: 'w.toml' });
    if (definition === undefined) throw new Error('the definition is not valid');
    expect(listSteps(definition)).toBe(listSteps(definition));
    expect(listSteps(definition).map(({ path }) => path.join('.'))).toEqual([
      'steps.a',
      'steps.b',
      'steps.b.steps.c',
    ]);
  });

  it('is left out: a cycle of 10,000 steps names the lines that are shown', () => {
    const text = HEAD + many(10_000, (i) => `[steps.s${i}]\nrun="x"\nneeds=["s${(i + 1) % 10_000}"]\n`);
    const { diagnostics } = readDefinition({ text, file: 'w.toml' });
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]?.related?.length).toBeLessThanOrEqual(12);
    expect(diagnostics[0]).toMatchObject({ code: 'step.cycle', line: 5 });
  });
});
