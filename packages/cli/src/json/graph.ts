import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, yesNo } from './parts/fields.js';

const step = Type.Object({
  id: text('id of the step'),
  needs: listOf(Type.String(), 'ids of the steps beside it that it waits for'),
  kind: oneOf(['shell', 'script', 'action', 'wait', 'await_event', 'block'], 'what it does'),
  when: Type.Optional(text('the condition that it runs under')),
  mayFail: yesNo('whether its failure counts as done'),
  each: Type.Optional(text('the name of an item, where it runs once for each')),
  uses: Type.Optional(text('the action or the workflow that it uses')),
  steps: Type.Optional(listOf(Type.Unknown(), 'block: its steps, of this form')),
});

export const document = defineDocument(
  'graph',
  'The steps of a workflow, and what they wait for.',
  Type.Object({
    workflow: Type.Object({ id: text('its id'), version: text('its version') }),
    verified: yesNo('whether it was published and verified, and is not just a folder here'),
    steps: listOf(step, 'each behind what it needs'),
    catch: listOf(step, 'what runs after a failure, in this order'),
    stages: listOf(Type.Array(Type.String()), 'ids of steps by the earliest time they can begin'),
  }),
);

export type GraphJson = JsonOf<typeof document>;
