import { Type, type TRecord, type TString, type TUnknown } from '@sinclair/typebox';
import { amount, listOf, oneOf, text, whole, yesNo } from './fields.js';
import { permissions } from './permissions.js';

/** Values of a workflow by name: any JSON. */
export function valuesOf(description: string): TRecord<TString, TUnknown> {
  return Type.Record(Type.String(), Type.Unknown(), { description });
}

const work = Type.Object(
  {
    kind: oneOf(
      ['shell', 'script', 'action', 'workflow', 'wait', 'await_event', 'block'],
      'which of the following it has',
    ),
    run: Type.Optional(text('shell: the script')),
    shell: Type.Optional(Type.Unknown({ description: 'shell: bash, sh, or the words before the script' })),
    script: Type.Optional(text('script: the JavaScript')),
    with: Type.Optional(valuesOf('script, action, workflow: what it is given, with expressions')),
    action: Type.Optional(text('action: its name')),
    version: Type.Optional(text('action: the version of what it does')),
    workflow: Type.Optional(text('workflow: its place in `workflows`')),
    seconds: Type.Optional(Type.Unknown({ description: 'wait: how long, a number or an expression' })),
    until: Type.Optional(text('wait: the time, or an expression')),
    source: Type.Optional(text('await_event: where the event comes from')),
    match: Type.Optional(text('await_event: the condition on the event')),
    timeoutMs: Type.Optional(whole('await_event: after which time it fails, milliseconds')),
    steps: Type.Optional(listOf(Type.Unknown(), 'block: its steps, of the form of those around it')),
  },
  { description: 'what it does' },
);

const step = Type.Object({
  id: text('its id'),
  needs: listOf(Type.String(), 'steps beside it that must be done before: named, and implied by references'),
  when: Type.Optional(text('the condition under which it runs')),
  inputs: Type.Optional(valuesOf('what a reusable step was given, with expressions')),
  env: Type.Record(Type.String(), Type.String(), { description: 'variables that it gets' }),
  timeoutMs: Type.Optional(whole('after which time it is stopped, milliseconds')),
  retry: Type.Optional(
    Type.Object(
      {
        attempts: whole('how often in all'),
        backoff: oneOf(['constant', 'linear', 'exponential'], 'how the delay grows'),
        delayMs: whole('before the second attempt, milliseconds'),
        maxDelayMs: Type.Optional(whole('what no delay exceeds, milliseconds')),
        jitter: yesNo('whether a delay varies at random'),
      },
      { description: 'how it is tried again after a failure' },
    ),
  ),
  onFailure: oneOf(['continue', 'fail'], 'what its failure means for the run'),
  foreach: Type.Optional(
    Type.Object(
      {
        items: text('the expression that gives the list'),
        as: text('the name of an item'),
        maxParallel: Type.Optional(whole('how many at the same time')),
      },
      { description: 'that it runs once for each item of a list' },
    ),
  ),
  cache: Type.Optional(
    Type.Object(
      {
        files: listOf(Type.String(), 'globs of what it reads'),
        env: listOf(Type.String(), 'variables that it reads'),
      },
      { description: 'what its result depends on, where an earlier one may be taken' },
    ),
  ),
  resources: Type.Optional(
    Type.Object(
      {
        cpus: Type.Optional(amount('processors, also a fraction')),
        memoryBytes: Type.Optional(whole('memory, bytes')),
      },
      { description: 'what one attempt takes of the machine' },
    ),
  ),
  work,
});

const outputs = Type.Record(Type.String(), Type.String(), {
  description: 'what it gives, each an expression',
});

const artifacts = Type.Record(
  Type.String(),
  Type.Object({
    path: text('where it is in the workspace'),
    retentionMs: Type.Optional(whole('how long it is kept, milliseconds')),
  }),
  { description: 'files that it keeps' },
);

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
  parameterTypes: Type.Optional(
    Type.Record(
      Type.String(),
      text('string, integer, number, boolean, enum, path, json, or secret: a name of one'),
      {
        description: 'what they are declared as',
      },
    ),
  ),
  steps: listOf(step, 'in topological order; steps that are free of each other keep the order of the file'),
  outputs,
  artifacts,
  catch: listOf(Type.Unknown(), 'what runs after a failure, in this order, of the form of the steps above'),
  workflows: Type.Record(
    Type.String(),
    Type.Object({
      workflow: Type.Object(
        { id: text('namespace and name'), version: text('its version') },
        { description: 'which workflow it is' },
      ),
      digest: Type.Optional(text('of its bundle')),
      parameters: valuesOf('what it takes, as it declares them'),
      permissions: Type.Object(permissions.properties, { description: 'what it may do' }),
      steps: listOf(Type.Unknown(), 'of the form of those above'),
      outputs,
      artifacts,
      catch: listOf(Type.Unknown(), 'what runs after its failure, of the form of the steps above'),
    }),
    { description: 'the workflows that steps use, by `id@version`' },
  ),
});
