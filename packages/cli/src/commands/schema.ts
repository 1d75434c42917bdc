import { definitionSchema, testSchema } from '@sheaf/workflow';
import { defineCommand } from '../frame/command.js';
import type { SchemaJson } from '../json/schema.js';

export const command = defineCommand<{ readonly definition: object } | { readonly test: object }, SchemaJson>(
  {
    name: 'schema',
    about: 'Print the JSON Schema of a workflow definition, or of its test files, for editors and checks.',
    positionals: { names: [], required: 0 },
    flags: [{ name: 'test', summary: 'that of a test file, *.test.toml' }],
    examples: ['sheaf schema > workflow.schema.json', 'sheaf schema --json'],
    exitCodes: [0],
    run: (_context, input) =>
      Promise.resolve({ data: input.has('test') ? { test: testSchema } : { definition: definitionSchema } }),
    render: (data) => ({ answer: JSON.stringify('test' in data ? data.test : data.definition, null, 2) }),
  },
);
