import { OUTPUT_TYPES } from '../model.js';
import type { JsonSchema } from './json-schema.js';
import { list, option, reference, table, text } from './parts.js';

/** What a step does: exactly one of these. */
export const STEP_BODIES = ['run', 'script', 'uses', 'wait', 'await_event', 'parallel', 'do'] as const;
/** What a reusable step does: exactly one of these. */
export const ACTION_BODIES = ['run', 'script', 'uses'] as const;

const variables: JsonSchema = {
  type: 'object',
  description: 'Environment variables of this step; values may hold expressions in ${{ }}',
  propertyNames: reference('variable'),
  additionalProperties: { type: ['string', 'number', 'boolean'], maxLength: 32_768 },
  maxProperties: 200,
};

const inner = (description: string): JsonSchema => ({
  type: 'object',
  description,
  propertyNames: reference('identifier'),
  additionalProperties: reference('step'),
  minProperties: 1,
  maxProperties: 10_000,
});

/** What steps and reusable steps have in common. */
const common = {
  run: text('Shell commands; values reach them as environment variables', 131_071),
  shell: reference('shell'),
  script: text('JavaScript that runs in a sandbox: sees `with` as `input` and returns its outputs', 131_071),
  uses: reference('uses'),
  with: {
    type: 'object',
    description: 'What the action or the script is given; texts may hold expressions in ${{ }}',
    propertyNames: reference('inputName'),
    maxProperties: 100,
  },
  env: variables,
  timeout: reference('duration'),
  retry: reference('retry'),
} satisfies Readonly<Record<string, JsonSchema>>;

/** Steps after a failure run in the order of the file, so that they need nothing. */
const step = {
  ...common,
  when: option('One expression in ${{ }}; the step is skipped when it is false', {
    type: 'string',
    maxLength: 8192,
  }),
  on_failure: option('What a failure does to the run', { type: 'string', enum: ['fail', 'continue'] }),
  foreach: option('One expression in ${{ }} that gives a list: the step runs once for each item', {
    type: 'string',
    maxLength: 8192,
  }),
  as: { ...reference('loopName') },
  max_parallel: option('How many items run at the same time', { type: 'integer', minimum: 1, maximum: 1000 }),
  do: inner('foreach: the steps that run for each item'),
  parallel: option('True: the step is a block of `steps`', { type: 'boolean' }),
  steps: inner('parallel: the steps of the block, at the same time unless one needs another'),
  wait: reference('wait'),
  await_event: reference('awaitEvent'),
  cache: reference('cache'),
  resources: reference('resources'),
} satisfies Readonly<Record<string, JsonSchema>>;

/** The parts of the schema that steps are made of. */
export const stepSchemas = {
  step: table('One step: run, script, uses, wait, await_event, parallel or do', {
    needs: list(reference('identifier'), 'Steps beside it that must be done first', 10_000),
    ...step,
  }),
  catchStep: table('A step that runs after a failure', { id: reference('identifier'), ...step }),
  action: table('A step that others use', {
    description: text('What it is for', 500),
    inputs: {
      type: 'object',
      description: 'What a step that uses it gives in `with`; a script finds each as INPUT_<NAME>',
      propertyNames: reference('inputName'),
      additionalProperties: reference('parameter'),
      maxProperties: 100,
    },
    outputs: {
      type: 'object',
      description: 'What it gives besides stdout and exit_code, with the type of each',
      propertyNames: reference('outputName'),
      additionalProperties: { type: 'string', enum: OUTPUT_TYPES },
      maxProperties: 100,
    },
    ...common,
  }),
  shell: {
    type: ['string', 'array'],
    description:
      'bash (default), sh, or a program and its arguments before the script, like ["python3", "-c"]',
    pattern: '^(bash|sh)$',
    items: { type: 'string', minLength: 1, maxLength: 255 },
    minItems: 1,
    maxItems: 20,
  },
  uses: {
    type: 'string',
    description:
      'an action like core.template, one of [actions], a tool of a server like github:create_issue, or one of [dependencies]',
    // Servers give their tools whatever names they like, so that one with capitals is named with its server.
    pattern:
      '^(([a-z0-9][a-z0-9_-]*:)?[a-z0-9][a-z0-9_-]*([./][a-z0-9][a-z0-9_-]*)*|[a-z0-9][a-z0-9_-]*:[A-Za-z0-9_][A-Za-z0-9_./-]*)$',
    maxLength: 200,
  },
  inputName: {
    type: 'string',
    description: '1 to 64 letters, digits, _ and -, first a letter',
    pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$',
  },
  outputName: {
    type: 'string',
    description: '1 to 64 letters, digits and _, not first a digit',
    pattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$',
  },
  loopName: {
    type: 'string',
    description: 'the name of the item in expressions, `item` where unset: letters, digits and _',
    pattern: '^[a-z][A-Za-z0-9_]{0,63}$',
  },
  retry: table('How it is tried again after a failure', {
    attempts: option('How often it is tried in all; 3 where unset', {
      type: 'integer',
      minimum: 1,
      maximum: 100,
    }),
    backoff: option('How the delay grows; constant where unset', {
      type: 'string',
      enum: ['constant', 'linear', 'exponential'],
    }),
    delay: reference('duration'),
    max_delay: reference('duration'),
    jitter: option('Vary the delay at random', { type: 'boolean' }),
  }),
  wait: table('Wait for seconds, or until a time', {
    seconds: option('A number, or one expression in ${{ }}', {
      type: ['number', 'string'],
      minimum: 0,
      maximum: 31_536_000,
      maxLength: 8192,
    }),
    until: option('A time like 2026-01-31T08:00:00Z, or one expression in ${{ }} that gives one', {
      type: 'string',
      maxLength: 8192,
    }),
  }),
  awaitEvent: table(
    'Wait for an event from outside',
    {
      source: reference('source'),
      match: option('One expression in ${{ }} about `event`; others are passed over', {
        type: 'string',
        maxLength: 8192,
      }),
      timeout: reference('duration'),
    },
    ['source'],
  ),
  source: {
    type: 'string',
    description: '1 to 64 lower-case letters, digits, ., _ and -, like http',
    pattern: '^[a-z][a-z0-9._-]{0,63}$',
  },
  resources: table('What one attempt takes of the machine', {
    cpus: option('Processors; may be a fraction', { type: 'number', minimum: 0.01, maximum: 1024 }),
    memory: reference('size'),
  }),
  size: {
    type: 'string',
    description: 'a number and KiB, MiB or GiB, like 512MiB, from 1KiB to 4096GiB',
    pattern: '^[1-9][0-9]{0,8}(KiB|MiB|GiB)$',
  },
  cache: table('Take the result of an earlier run when nothing it depends on changed', {
    files: list(reference('glob'), 'Files that it reads', 100),
    env: list(reference('variable'), 'Variables that it reads', 100),
  }),
} satisfies Readonly<Record<string, JsonSchema>>;
