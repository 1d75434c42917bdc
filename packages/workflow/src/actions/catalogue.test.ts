import { describe, expect, it } from 'vitest';
import { compilePattern } from '../pattern/pattern.js';
import { BUILT_IN_ACTIONS, createCatalogue, isReservedAction } from './catalogue.js';
import { checkInputs } from './check-inputs.js';
import { inputSchemaOf, outputSchemaOf } from './input-schema.js';
import type { ActionManifest } from './manifest.js';
import { resolveUses } from './resolve.js';

const manifests = Object.values(BUILT_IN_ACTIONS);

describe('the manifests of what is built in', () => {
  it.each(manifests.map((manifest) => [manifest.name, manifest] as const))(
    'are sound: %s',
    (name, manifest) => {
      expect(isReservedAction(name)).toBe(true);
      expect(manifest.version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(manifest.description).toMatch(/^[A-Z].*[^.]$/);
      const required = Object.entries(manifest.inputs).filter(([, input]) => input.required);
      const problems = checkInputs(manifest, {}).problems;
      expect(problems.map((problem) => problem.input)).toEqual(required.map(([input]) => input));
      for (const [, input] of Object.entries(manifest.inputs)) {
        if (input.type === 'string' && input.pattern !== undefined)
          expect(() => compilePattern(input.pattern ?? '')).not.toThrow();
      }
      const { network = [], programs = [], read = [], write = [] } = manifest.permissions;
      for (const input of [...network, ...programs, ...read, ...write])
        expect(Object.keys(manifest.inputs)).toContain(input);
      for (const schema of [inputSchemaOf(manifest), outputSchemaOf(manifest)]) {
        expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
      }
    },
  );
});

const tool: ActionManifest = {
  name: 'lint',
  version: '1.0.0',
  description: 'Lints',
  inputs: {
    level: { type: 'enum', values: ['low', 'high'], required: false, default: 'low' },
    files: { type: 'list', required: true, items: { type: 'string' } },
    options: { type: 'map', required: false, items: { type: 'integer' } },
  },
  outputs: {},
  permissions: {},
  file: 'tools/lint.json',
};

describe('checking inputs', () => {
  it('adds defaults and takes null for nothing', () => {
    expect(checkInputs(tool, { files: [], level: null })).toEqual({
      inputs: { files: [], level: 'low' },
      problems: [],
    });
  });

  it.each([
    ['an input that is not there', { files: [], fils: [] }, 'input.unknown', 'did you mean "files"?'],
    ['one that is needed', {}, 'input.missing', 'add it under with'],
    ['a value of another kind', { files: 'a' }, 'input.type', undefined],
    ['an item of another kind', { files: [1] }, 'input.type', undefined],
    ['a value of a map of another kind', { files: [], options: { a: 1.5 } }, 'input.type', undefined],
    ['a word that is none of its values', { files: [], level: 'lov' }, 'input.type', 'did you mean "low"?'],
  ])('tells of %s', (_, given, code, hint) => {
    const { problems } = checkInputs(tool, given);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject(hint === undefined ? { code } : { code, hint });
  });

  it('is not misled by names that every object has', () => {
    const { problems, inputs } = checkInputs(
      tool,
      JSON.parse('{"files": [], "__proto__": 1, "constructor": 2}') as Record<string, never>,
    );
    expect(problems.map((problem) => problem.input)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(inputs)).toBeNull();
  });
});

describe('what a step uses', () => {
  const scope = {
    templates: ['say', 'lint'],
    catalogue: createCatalogue([...manifests, tool]),
    workflows: ['acme/notify'],
  };

  it.each([
    ['say', 'template'],
    ['core.echo', 'action'],
    ['acme/notify', 'workflow'],
    ['workflow:lint', 'template'],
    ['project:lint', 'action'],
    ['built-in:core.echo', 'action'],
    ['project:core.echo', 'unknown'],
    ['constructor', 'unknown'],
  ])('is found by its name: %s is a %s', (uses, kind) => {
    expect(resolveUses(uses, scope).kind).toBe(kind);
  });

  it('is ambiguous where two offer it, and both are named', () => {
    expect(resolveUses('lint', scope)).toEqual({
      kind: 'ambiguous',
      candidates: ['workflow:lint', 'project:lint'],
    });
  });

  it('is suggested where it was mistyped', () => {
    expect(resolveUses('core.ecko', scope)).toEqual({ kind: 'unknown', near: 'core.echo' });
  });
});
