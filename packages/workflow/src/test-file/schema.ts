import type { JsonSchema } from '../schema/json-schema.js';
import { list, option, reference, table, text } from '../schema/parts.js';

const MAX_TESTS = 1000;
const MAX_STEPS = 1000;

const anyTable = (description: string): JsonSchema => ({ type: 'object', description, maxProperties: 1000 });

const texts = (description: string, maxLength: number): JsonSchema => ({
  type: 'object',
  description,
  maxProperties: 200,
  additionalProperties: { type: 'string', maxLength },
});

const attempt: Readonly<Record<string, JsonSchema>> = {
  stdout: { type: 'string', description: 'What the command writes', maxLength: 1_000_000 },
  exit_code: {
    type: 'integer',
    description: 'What the command ends with; anything but 0 fails',
    minimum: 0,
    maximum: 255,
  },
  outputs: anyTable('What the step gives'),
  fail: {
    type: ['string', 'object'],
    description: 'The code of the failure, or a table of code, message and retryable',
    minLength: 1,
    maxLength: 100,
    required: ['code'],
    additionalProperties: false,
    properties: {
      code: text('The code of the failure, like http.status', 100),
      message: text('What it says', 1000),
      retryable: { type: 'boolean', description: 'Whether retry tries it again; without it, yes' },
    },
  },
  takes: option('How long the attempt takes, in the time of the test, like 90s', reference('span')),
};

const setUp: Readonly<Record<string, JsonSchema>> = {
  parameters: anyTable('Values of parameters'),
  env: texts('Variables of the caller, for steps that do their work', 32_768),
  secrets: texts('Values of secrets, for steps that do their work', 32_768),
  files: texts('Texts of files in the workspace of the test, by path', 1_000_000),
  unmocked: {
    type: 'string',
    description: 'What a step without a mock does: error (without it), succeed, or real',
    enum: ['error', 'succeed', 'real'],
  },
  mocks: {
    type: 'object',
    description: 'What steps do in the place of their work, by name',
    maxProperties: MAX_STEPS,
    additionalProperties: reference('mock'),
  },
  clock: table('The time of the test', {
    start: text('When it starts, like 2026-01-31T12:00:00Z', 40),
  }),
};

const expectedStep = table('What a step has done', {
  status: {
    type: 'string',
    description: 'How it ended',
    enum: ['succeeded', 'failed', 'skipped', 'cancelled', 'not_run'],
  },
  attempts: { type: 'integer', description: 'How often it was tried', minimum: 0, maximum: 10_000 },
  calls: {
    type: 'integer',
    description: 'How often steps of this name were tried, in all items of a loop',
    minimum: 0,
    maximum: 1_000_000,
  },
  reason: text('The code of why it failed or was skipped, like step.when', 100),
  env: anyTable('Variables that it was given'),
  inputs: anyTable('What the action, script or workflow was given'),
  outputs: anyTable('What it gave'),
});

/** The shape of a test file. */
export const testSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:sheaf:schema:test:1',
  title: 'Tests of a Sheaf workflow',
  type: 'object',
  required: ['test'],
  additionalProperties: false,
  properties: {
    defaults: table('What every test of the file begins with', setUp),
    test: { ...list(reference('test'), 'The tests', MAX_TESTS), minItems: 1 },
  },
  $defs: {
    span: {
      type: 'string',
      description: 'A duration: a whole number and ms, s, m, h or d',
      pattern: '^[0-9]{1,9}(ms|s|m|h|d)$',
    },
    mock: table('What a step does in the place of its work', {
      ...attempt,
      real: { type: 'boolean', description: 'Do its work after all' },
      sequence: {
        ...list(table('One attempt', attempt), 'What the attempts do, one after the other', 100),
        minItems: 1,
      },
    }),
    test: table(
      'One test',
      {
        name: text('What it shows, as a sentence', 200),
        ...setUp,
        events: list(
          table(
            'An event that is sent to the run',
            {
              source: text('Where it comes from, as await_event names it', 200),
              data: { description: 'What it says: any value' },
              after: option('How long after the start, like 5m', reference('span')),
            },
            ['source'],
          ),
          'Events that are sent to the run',
          1000,
        ),
        expect: table('What came of it; without a status it succeeds', {
          status: {
            type: 'string',
            description: 'How the run ends',
            enum: ['succeeded', 'failed', 'cancelled'],
          },
          outputs: anyTable('Outputs of the workflow'),
          error: table('The first failure', {
            step: text('The step', 1000),
            code: text('Its code', 100),
            message: text('Its message', 1000),
          }),
          order: list(text('The name of a step', 1000), 'Steps in the order in which they begin', MAX_STEPS),
          steps: {
            type: 'object',
            description: 'What steps have done, by name',
            maxProperties: MAX_STEPS,
            additionalProperties: expectedStep,
          },
        }),
        assert: list(text('A condition in ${{ }}', 32_768), 'Conditions on what came of it', 100),
      },
      ['name'],
    ),
  },
};
