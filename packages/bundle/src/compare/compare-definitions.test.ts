import { readDefinition } from '@sheaf/workflow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDefinitions, isUnchanged, listBreaking } from './compare-definitions.js';
import type { ComparedWorkflow, EntryChange, WorkflowChanges } from './compared.js';

function workflow(lines: readonly string[], more: Partial<ComparedWorkflow> = {}): ComparedWorkflow {
  const text = ['id = "acme/deploy"', 'version = "1.0.0"', ...lines, ''].join('\n');
  const { definition, diagnostics } = readDefinition({ text, file: 'workflow.toml' });
  if (definition === undefined) throw new Error(JSON.stringify(diagnostics));
  const file = { path: 'workflow.toml', bytes: Buffer.from(text), executable: false };
  return { definition, definitionPath: file.path, files: [file], ...more };
}

const GO = ['[steps.go]', 'run = "true"'];
const withParameter = (...lines: readonly string[]) => workflow(['[parameters.since]', ...lines, ...GO]);
const parameterChange = (before: ComparedWorkflow, after: ComparedWorkflow) =>
  compareDefinitions(before, after).parameters;

const words = fc.subarray(['curl', 'git', 'bash']);
const workflows = fc
  .record({
    exec: words,
    network: fc.subarray(['api.example.com', '*.example.org']),
    parameters: fc.subarray(['since', 'until', 'constructor']),
    required: fc.boolean(),
    outputs: fc.subarray(['text', 'json']),
    run: fc.constantFrom('true', 'curl https://api.example.com', 'git log'),
    signer: fc.constantFrom(['a'], ['b'], ['b', 'a'], undefined),
    tool: fc.constantFrom('', '1.2', '2'),
  })
  .map(({ exec, network, parameters, required, outputs, run, signer, tool }) =>
    workflow(
      [
        '[permissions]',
        `exec = ${JSON.stringify(exec)}`,
        `network = ${JSON.stringify(network)}`,
        ...(tool === '' ? [] : ['[requirements]', `tools = ["git>=${tool}"]`]),
        ...parameters.flatMap((name) => [
          `[parameters.${name}]`,
          'type = "string"',
          `required = ${required}`,
        ]),
        '[steps.go]',
        `run = ${JSON.stringify(run)}`,
        '[outputs]',
        ...outputs.map((name) => `${name} = "\${{ steps.go.outputs.stdout }}"`),
      ],
      { signers: signer },
    ),
  );

function mirror(changes: WorkflowChanges): WorkflowChanges {
  const turn = { added: 'removed', removed: 'added', changed: 'changed' } as const;
  const entries = (list: readonly EntryChange[]) =>
    list.map((entry) => ({
      ...entry,
      change: turn[entry.change],
      fields: entry.fields.map(({ field, ...sides }) => ({
        field,
        ...('after' in sides ? { before: sides.after } : {}),
        ...('before' in sides ? { after: sides.before } : {}),
      })),
    }));
  const { signers, permissions, files } = changes;
  return {
    ...changes,
    ...(signers === undefined ? {} : { signers: { before: signers.after, after: signers.before } }),
    permissions: { ...permissions, added: permissions.removed, removed: permissions.added },
    parameters: entries(changes.parameters),
    outputs: entries(changes.outputs),
    steps: entries(changes.steps),
    requirements: entries(changes.requirements),
    dependencies: entries(changes.dependencies),
    files: files.map(({ change, path, beforeBytes, afterBytes }) => ({
      change: turn[change],
      path,
      ...(afterBytes === undefined ? {} : { beforeBytes: afterBytes }),
      ...(beforeBytes === undefined ? {} : { afterBytes: beforeBytes }),
    })),
  };
}

/** What is breaking one way may be harmless the other way. */
function withoutBreaking(changes: WorkflowChanges): WorkflowChanges {
  const strip = (list: readonly EntryChange[]) => list.map((entry) => ({ ...entry, breaking: false }));
  return { ...changes, parameters: strip(changes.parameters), outputs: strip(changes.outputs) };
}

describe('a comparison of two versions', () => {
  it('finds nothing between a version and itself', () => {
    fc.assert(
      fc.property(workflows, (one) => {
        const changes = compareDefinitions(one, one);
        expect(isUnchanged(changes)).toBe(true);
        expect(listBreaking(changes)).toEqual([]);
      }),
    );
  });

  it('is the mirror image with its sides exchanged', () => {
    fc.assert(
      fc.property(workflows, workflows, (one, other) => {
        const there = withoutBreaking(compareDefinitions(one, other));
        const back = withoutBreaking(compareDefinitions(other, one));
        expect({ ...mirror(back), permissions: undefined }).toEqual({ ...there, permissions: undefined });
        expect(mirror(back).permissions.added).toEqual(there.permissions.added);
        expect(mirror(back).permissions.removed).toEqual(there.permissions.removed);
        expect(isUnchanged(there)).toBe(isUnchanged(back));
      }),
    );
  });

  it('tells the step and the line that need a permission', () => {
    const before = workflow(GO);
    const after = workflow([
      '[permissions]',
      'exec = ["curl"]',
      'network = ["api.example.com"]',
      'secrets = ["TOKEN"]',
      'write = ["dist/**"]',
      '[steps.upload]',
      "run = '''",
      'curling=1',
      'curl -H "$TOKEN" https://api.example.com/x',
      "'''",
    ]);
    const { added, removed } = compareDefinitions(before, after).permissions;
    expect(removed).toEqual([]);
    expect(added).toEqual([
      {
        kind: 'network',
        value: 'api.example.com',
        neededBy: { step: 'upload', file: 'workflow.toml', line: 11 },
      },
      { kind: 'exec', value: 'curl', neededBy: { step: 'upload', file: 'workflow.toml', line: 11 } },
      { kind: 'write', value: 'dist/**' },
      { kind: 'secrets', value: 'TOKEN', neededBy: { step: 'upload', file: 'workflow.toml', line: 11 } },
    ]);
  });

  it('takes all of a first version for new', () => {
    const changes = compareDefinitions(undefined, workflow(['[permissions]', 'exec = ["git"]', ...GO]));
    expect(changes.permissions.added).toEqual([{ kind: 'exec', value: 'git' }]);
    expect(changes.steps).toEqual([{ change: 'added', name: 'go', breaking: false, fields: [] }]);
    expect(changes.files.map(({ change }) => change)).toEqual(['added']);
  });

  it.each([
    ['a parameter that went', withParameter('type = "string"'), workflow(GO)],
    ['a new parameter that is required', workflow(GO), withParameter('type = "string"')],
    ['another type', withParameter('type = "string"'), withParameter('type = "integer"')],
    [
      'a default that went',
      withParameter('type = "string"', 'default = "v1"'),
      withParameter('type = "string"'),
    ],
    [
      'a value that may no longer be chosen',
      withParameter('type = "enum"', 'values = ["a", "b"]'),
      withParameter('type = "enum"', 'values = ["b", "c"]'),
    ],
    [
      'narrower bounds',
      withParameter('type = "integer"', 'minimum = 1'),
      withParameter('type = "integer"', 'minimum = 2'),
    ],
  ])('marks as breaking %s', (_, before, after) => {
    expect(parameterChange(before, after)).toMatchObject([{ name: 'since', breaking: true }]);
  });

  it.each([
    ['an optional parameter', workflow(GO), withParameter('type = "string"', 'required = false')],
    [
      'another default',
      withParameter('type = "string"', 'default = "a"'),
      withParameter('type = "string"', 'default = "b"'),
    ],
    [
      'one more value to choose',
      withParameter('type = "enum"', 'values = ["a"]'),
      withParameter('type = "enum"', 'values = ["a", "b"]'),
    ],
    [
      'wider bounds',
      withParameter('type = "integer"', 'maximum = 1'),
      withParameter('type = "integer"', 'maximum = 2'),
    ],
  ])('does not mark %s', (_, before, after) => {
    expect(parameterChange(before, after)).toMatchObject([{ name: 'since', breaking: false }]);
  });

  it('marks an output that went, and compares bytes and the executable bit of files', () => {
    const file = (text: string, executable = false) => ({ path: 'x', bytes: Buffer.from(text), executable });
    const output = ['[outputs]', 'text = "${{ steps.go.outputs.stdout }}"'];
    const changes = compareDefinitions(
      workflow([...GO, ...output], { files: [file('a')] }),
      workflow(GO, { files: [file('a', true)] }),
    );
    expect(changes.outputs).toEqual([{ change: 'removed', name: 'text', breaking: true, fields: [] }]);
    expect(changes.files).toEqual([
      {
        change: 'changed',
        path: 'x',
        beforeBytes: 1,
        afterBytes: 1,
        executable: { before: false, after: true },
      },
    ]);
  });
});
