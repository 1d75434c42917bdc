import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUILT_IN_ACTIONS } from './catalogue.js';
import { inputSchemaOf, outputSchemaOf } from './input-schema.js';
import { readInputSchema, readOutputSchema } from './read-schema.js';
import { readToolFile } from './tool-file.js';

const TOOL = {
  schema: 'sheaf.tool/1',
  name: 'lint.markdown',
  version: '1.0.0',
  description: 'Lints',
  inputs: {
    type: 'object',
    properties: { files: { type: 'array', items: { type: 'string' } } },
    required: ['files'],
  },
  command: ['./lint.sh', '--all'],
};
const read = (change: object) => readToolFile(JSON.stringify({ ...TOOL, ...change }), 'tools/lint.json');

describe('the file of a tool', () => {
  it('says what the tool is and how it works', () => {
    expect(read({ protocol: 'json-lines' })).toEqual({
      tool: {
        manifest: {
          name: 'lint.markdown',
          version: '1.0.0',
          description: 'Lints',
          inputs: { files: { type: 'list', items: { type: 'string' }, required: true } },
          outputs: {},
          permissions: { exec: ['./lint.sh'] },
          file: 'tools/lint.json',
        },
        work: { kind: 'command', command: ['./lint.sh', '--all'], protocol: 'json-lines' },
      },
    });
  });

  it.each([
    ['another schema', { schema: 'sheaf.tool/2' }, '"schema": "sheaf.tool/1"'],
    ['a key that there is not', { comand: [] }, 'did you mean "command"?'],
    ['a reserved name', { name: 'core.mine' }, 'reserved'],
    ['a name that is none', { name: 'Lint' }, 'is not one'],
    ['no version', { version: undefined }, 'not SemVer'],
    ['neither command nor module', { command: undefined }, 'either a command or a module'],
    ['both', { module: './x.mjs' }, 'either a command or a module'],
    ['an option for a program', { command: ['-c'] }, 'first a program'],
    ['a module elsewhere', { command: undefined, module: './../x.mjs' }, 'stays in the folder'],
    ['a schema that is none', { inputs: { type: 'array' } }, '"type": "object"'],
    [
      'a type that is none',
      { inputs: { type: 'object', properties: { a: { type: 'date' } } } },
      'none of JSON Schema',
    ],
    [
      'a keyword that is not read',
      { inputs: { type: 'object', properties: { a: { format: 'uri' } } } },
      '"format"',
    ],
    [
      'a default that does not fit',
      { inputs: { type: 'object', properties: { a: { enum: ['x'], type: 'string', default: 'y' } } } },
      'default of a',
    ],
    ['permissions for an input that there is not', { permissions: { read: ['x'] } }, '"x"'],
    ['a permission that there is not', { permissions: { root: [] } }, 'no key "root"'],
  ])('is refused for %s', (_, change, message) => {
    const result = read(change);
    expect('problems' in result ? result.problems.join('\n') : '').toContain(message);
  });

  it('is read whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify(value)),
        ),
        (text) => {
          expect(readToolFile(text, 'x.json')).toHaveProperty('problems');
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.record({ inputs: fc.jsonValue(), outputs: fc.jsonValue(), permissions: fc.jsonValue() }),
        (change) => {
          expect(() => read(change)).not.toThrow();
        },
      ),
    );
  });
});

describe('a manifest', () => {
  it.each(Object.values(BUILT_IN_ACTIONS).map((manifest) => [manifest.name, manifest] as const))(
    'is the same after it was written as JSON Schema and read again: %s',
    (_, manifest) => {
      const told: string[] = [];
      const complain = (place: string, message: string): void => void told.push(`${place} ${message}`);
      const withoutExpressions = {
        ...manifest,
        inputs: Object.fromEntries(
          Object.entries(manifest.inputs).filter(([, input]) => input.expression === undefined),
        ),
      };
      const inputs = readInputSchema(inputSchemaOf(withoutExpressions), 'inputs', complain);
      const again = { ...manifest, inputs: inputs.properties };
      expect(inputSchemaOf(again)).toEqual(inputSchemaOf(withoutExpressions));
      expect({ ...readOutputSchema(outputSchemaOf(manifest), 'outputs', complain).properties }).toEqual(
        manifest.outputs,
      );
      expect(told).toEqual([]);
    },
  );
});
