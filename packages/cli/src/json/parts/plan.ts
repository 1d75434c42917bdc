import { Type, type TRecord, type TString, type TUnknown } from '@sinclair/typebox';
import { listOf, oneOf, text, whole } from './fields.js';
import { permissions } from './permissions.js';

/** Values of a workflow by name: any JSON. */
export function valuesOf(description: string): TRecord<TString, TUnknown> {
  return Type.Record(Type.String(), Type.Unknown(), { description });
}

export const plan = Type.Object({
  schema: Type.Literal('sheaf.plan/1'),
  workflow: Type.Object(
    { id: text('namespace and name'), version: text('its version') },
    { description: 'which workflow it is' },
  ),
  permissions: Type.Object(permissions.properties, { description: 'what it may do' }),
  requirements: Type.Object(
    {
      tools: listOf(
        Type.Object({
          name: text('the program'),
          minimum: Type.Optional(text('the oldest version that will do')),
        }),
        'programs that the machine must have',
      ),
    },
    { description: 'what the machine must have' },
  ),
  parameters: valuesOf('one entry for each declared parameter; null where an optional one was not given'),
  steps: listOf(
    Type.Object({
      id: text('its id'),
      needs: listOf(Type.String(), 'steps that must be done before: named, and implied by references'),
      run: text('the script'),
      shell: oneOf(['bash', 'sh'], 'what runs it'),
      env: Type.Record(Type.String(), Type.String(), { description: 'variables that it gets' }),
      when: Type.Optional(text('the condition under which it runs')),
      timeoutMs: Type.Optional(whole('after which time it is stopped, milliseconds')),
      onFailure: oneOf(['continue', 'fail'], 'what its failure means for the run'),
    }),
    'in topological order; steps that are free of each other keep the order of the file',
  ),
  outputs: Type.Record(Type.String(), Type.String(), {
    description: 'what it gives, each an expression',
  }),
});
