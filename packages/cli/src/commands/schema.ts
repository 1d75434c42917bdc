import { definitionSchema } from '@sheaf/workflow';
import { defineCommand } from '../frame/command.js';
import type { SchemaJson } from '../json/schema.js';

export const command = defineCommand<{ readonly definition: object }, SchemaJson>({
  name: 'schema',
  about: 'Print the JSON Schema of a workflow definition, for editors and checks.',
  positionals: { names: [], required: 0 },
  flags: [],
  examples: ['sheaf schema > workflow.schema.json', 'sheaf schema --json'],
  exitCodes: [0],
  run: () => Promise.resolve({ data: { definition: definitionSchema } }),
  render: ({ definition }) => ({ answer: JSON.stringify(definition, null, 2) }),
});
