import fc from 'fast-check';
import { stringify as toToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { stringify as toYaml } from 'yaml';

import { readDefinition, type WorkflowDefinition } from './index.js';

const id = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
const words = fc
  .string({
    unit: fc.constantFrom('a', 'ß', ' ', '"', "'", '\\', '\n', '#', ':', '$', '{', '}', '-', '😀', '1'),
    minLength: 1,
    maxLength: 20,
  })
  .filter((text) => !text.includes('${{'));

/** Models that are valid, as plain data both syntaxes can write. */
const model = fc.record({
  id: fc
    .tuple(fc.stringMatching(/^[a-z0-9]{1,8}$/), fc.stringMatching(/^[a-z0-9]{1,8}$/))
    .map((parts) => parts.join('/')),
  version: fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)).map((parts) => parts.join('.')),
  description: words,
  tags: fc.array(fc.stringMatching(/^[a-z0-9]{1,8}$/), { maxLength: 3 }),
  parameters: fc.dictionary(
    id,
    fc.oneof(
      fc.record({ type: fc.constant('string'), default: words }),
      fc.record({ type: fc.constant('integer'), default: fc.integer() }),
      fc.record({ type: fc.constant('boolean'), default: fc.boolean() }),
    ),
    { maxKeys: 3 },
  ),
  steps: fc.dictionary(
    id,
    fc.record({
      run: words,
      env: fc.dictionary(fc.stringMatching(/^[A-Z]{1,6}$/), fc.oneof(words, fc.integer(), fc.boolean()), {
        maxKeys: 3,
      }),
      timeout: fc.constantFrom('1s', '5m', '100ms'),
      on_failure: fc.constantFrom('fail', 'continue'),
    }),
    { minKeys: 1, maxKeys: 4 },
  ),
});

/** The library's own block scalars lose some leading blanks when they are written, so text is quoted. */
const QUOTED = { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 } as const;

function errorsOf(text: string, file: string) {
  return readDefinition({ text, file }).diagnostics.filter(({ severity }) => severity === 'error');
}

describe('definitions', () => {
  it('are the same in TOML and in YAML', () => {
    fc.assert(
      fc.property(model, (data) => {
        const plain = JSON.parse(JSON.stringify(data)) as object;
        const variables = Object.keys(data.parameters).map((name) => name.replaceAll('-', '_'));
        fc.pre(new Set(variables).size === variables.length);
        const toml = readDefinition({ text: toToml(plain), file: 'workflow.toml' });
        const yaml = readDefinition({ text: toYaml(plain, QUOTED), file: 'workflow.yaml' });
        expect(toml.definition).toBeDefined();
        expect(yaml.definition).toEqual(toml.definition);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['workflow.toml', 'workflow.yaml'])('never make the reader throw: any text as %s', (file) => {
    const part = fc.oneof(
      fc.constantFrom(
        'id',
        'steps',
        '[',
        ']',
        '[[',
        ']]',
        '{',
        '}',
        '=',
        ':',
        '- ',
        '\n',
        '\n  ',
        '"',
        "'",
        '"""',
        '|',
        '>',
        '&a ',
        '*a',
        '!!x ',
        '? ',
        '# ',
        '1',
        '1.5',
        'true',
        '.',
        ',',
        '%',
        '---',
        '\t',
        'run',
        '__proto__',
        '\u0000',
        '${{',
        '}}',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const text = parts.join('');
        const { definition, diagnostics } = readDefinition({ text, file });
        expect(definition === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
        for (const { line, column, message } of diagnostics) {
          expect(line >= 1 && column >= 1 && line <= text.split('\n').length).toBe(true);
          expect(message).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('have no prototype a hostile key could reach', () => {
    const text =
      'id = "a/b"\nversion = "1.0.0"\n[parameters.constructor]\ntype = "string"\n[steps.valueof]\nrun = "env"\n[steps.valueof.env]\n__proto__ = "x"\n';
    const { definition } = readDefinition({ text, file: 'workflow.toml' }) as {
      definition: WorkflowDefinition;
    };
    expect(Object.keys(definition.steps['valueof']?.env ?? {})).toEqual(['__proto__']);
    expect(Object.keys(definition.parameters)).toEqual(['constructor']);
    expect(Object.getPrototypeOf(definition.steps)).toBeNull();
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('keep the order of their steps, also of those that look like numbers', () => {
    const body =
      'id: a/b\nversion: 1.0.0\nsteps:\n  z: { run: "true" }\n  a: { run: "true" }\n  m: { run: "true" }\n';
    const { definition } = readDefinition({ text: body, file: 'workflow.yml' });
    expect(Object.keys(definition?.steps ?? {})).toEqual(['z', 'a', 'm']);
  });

  it('may hold a literal that looks dangerous in YAML 1.1', () => {
    expect(
      errorsOf('id: a/b\nversion: 1.0.0\ndescription: no\nsteps: { on: { run: yes } }\n', 'w.yaml'),
    ).toEqual([]);
  });
});

describe('places of diagnostics', () => {
  it('are found in a file with carriage returns, and for a key that stands there twice', () => {
    const text = 'id = "acme/demo"\r\n\r\n[steps.a]\r\nrun = "true"\r\nenv.X = "1"\r\nenv."X" = "2"\r\n';
    const { diagnostics } = readDefinition({ text, file: 'workflow.toml' });
    expect(diagnostics).toMatchObject([
      {
        code: 'key.duplicate',
        message: '`env.X` is defined twice',
        line: 6,
        column: 1,
        endColumn: 8,
        related: [{ line: 5, column: 5, endColumn: 6, label: '`env.X` is defined here first' }],
      },
    ]);
  });

  it('are those of the whole list of uses, at most twelve', () => {
    const steps = Array.from({ length: 20 }, (_, i) => `[steps.s${i}]\nrun = "x"\nneeds = ["gone"]\n`);
    const { diagnostics } = readDefinition({
      text: `id = "acme/demo"\nversion = "1.0.0"\n${steps.join('')}`,
      file: 'workflow.toml',
    });
    expect(diagnostics.map(({ code, related }) => [code, related?.length])).toEqual([
      ['step.need_unknown', 12],
    ]);
  });
});

describe('a definition that is nearly right', () => {
  const hintsOf = (...lines: readonly string[]) =>
    readDefinition({
      file: 'workflow.toml',
      text: ['id = "acme/x"', ...lines, '[steps.a]', 'run = "true"'].join('\n'),
    }).diagnostics.map(({ hint }) => hint);

  it.each([
    ['version = 0.1', 'write it in full, in quotes, like "0.1.0"'],
    ['version = 2', 'write it in full, in quotes, like "2.0.0"'],
    ['version = true', 'put it in quotes'],
    ['version = "0.1"', 'write it in full, like "0.1.0"'],
    ['version = "v1.2.3"', 'write it in full, like "1.2.3"'],
    ['version = "01.2.0"', 'write it in full, like "1.2.0"'],
    ['version = "one"', 'SemVer without build metadata, like 1.2.0 or 2.0.0-rc.1'],
  ])('is told its version in full: %s', (line, hint) => {
    expect(hintsOf(line)).toEqual([hint]);
  });

  it.each([
    ['after = ["c"]', 'did you mean `needs`?'],
    ['depends_on = ["c"]', 'did you mean `needs`?'],
    ['if = "true"', 'did you mean `when`?'],
    ['tiemout = "1m"', 'did you mean `timeout`?'],
    ['inputs = 1', 'did you mean `with`?'],
    [
      'zymurgy = 1',
      'known here: needs, run, shell, script, uses, with, env, timeout, retry, when, on_failure, foreach, as, max_parallel, do, parallel, steps, wait, await_event, cache, resources',
    ],
  ])('is told what a key of other tools is called here: %s', (line, hint) => {
    expect(
      hintsOf('version = "1.0.0"', '[steps.c]', 'run = "true"', '[steps.b]', 'run = "true"', line),
    ).toEqual([hint]);
  });
});
