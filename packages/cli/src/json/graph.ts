import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'graph',
  'The steps of a workflow, and what they wait for.',
  Type.Object({
    workflow: Type.Object({ id: text('its id'), version: text('its version') }),
    verified: yesNo('whether it was published and verified, and is not just a folder here'),
    steps: listOf(
      Type.Object({
        id: text('id of the step'),
        needs: listOf(Type.String(), 'ids of the steps that it waits for'),
        when: Type.Optional(text('the condition that it runs under')),
        mayFail: yesNo('whether its failure counts as done'),
      }),
      'each behind what it needs',
    ),
    stages: listOf(Type.Array(Type.String()), 'ids of steps by the earliest time they can begin'),
  }),
);

export type GraphJson = JsonOf<typeof document>;
