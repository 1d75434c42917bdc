import { MAX_GLOBS } from '../glob.js';
import { MAX_PARAMETERS } from '../parameter-value.js';
import { VERSION_RANGE } from '../range.js';
import type { JsonSchema } from './json-schema.js';
import { list, option, reference, table, text } from './parts.js';
import { stepSchemas } from './step-schema.js';
import { triggersSchema } from './triggers-schema.js';

/** More than any workflow needs; a lockfile holds them all, and those of each of them. */
const MAX_DEPENDENCIES = 50;

/**
 * The shape of a definition file as JSON Schema, draft 2020-12: what editors complete and check, and what `readDefinition` checks first.
 * It is plain data and uses the keywords of {@link JsonSchema} only.
 */
export const definitionSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:sheaf:schema:workflow:1',
  title: 'Sheaf workflow definition',
  type: 'object',
  required: ['id', 'version', 'steps'],
  additionalProperties: false,
  properties: {
    id: reference('workflowId'),
    version: reference('version'),
    name: text('Name for people', 100),
    description: text('What it does, in a sentence or two; search reads it', 2000),
    tags: list(reference('tag'), 'Words to find it by', 20),
    license: reference('license'),
    homepage: reference('homepage'),
    bundle: {
      type: 'object',
      description: 'Which files are published with the definition',
      additionalProperties: false,
      properties: {
        include: list(reference('glob'), 'Files to include', MAX_GLOBS),
        executable: list(reference('glob'), 'Included files that are programs', MAX_GLOBS),
      },
    },
    permissions: {
      type: 'object',
      description: 'What a run may touch',
      additionalProperties: false,
      properties: {
        network: list(text('A host name', 253), 'Hosts it may reach', 100),
        exec: list(text('A program', 255), 'Programs it may start', 100),
        read: list(text('A path or glob', 500), 'Paths it may read', 100),
        write: list(text('A path or glob', 500), 'Paths it may write', 100),
        secrets: list(reference('variable'), 'Secrets it asks for, by name', 100),
      },
    },
    parameters: {
      type: 'object',
      description: 'What a caller gives; a step finds each as PARAM_<NAME>',
      propertyNames: reference('identifier'),
      additionalProperties: reference('parameter'),
      maxProperties: MAX_PARAMETERS,
    },
    requirements: {
      type: 'object',
      description: 'What the machine must have',
      additionalProperties: false,
      properties: { tools: list(reference('tool'), 'Programs, like "git >= 2.30"', 100) },
    },
    dependencies: {
      type: 'object',
      description: 'Other workflows that it needs, each with the range of versions it works with',
      propertyNames: reference('workflowId'),
      additionalProperties: reference('range'),
      maxProperties: MAX_DEPENDENCIES,
    },
    actions: {
      type: 'object',
      description: 'Reusable steps, by the name that `uses` calls them',
      propertyNames: reference('identifier'),
      additionalProperties: reference('action'),
      maxProperties: 100,
    },
    steps: {
      type: 'object',
      description: 'What is done, by step id; steps run in parallel unless one needs another',
      propertyNames: reference('identifier'),
      additionalProperties: reference('step'),
      minProperties: 1,
      maxProperties: 10_000,
    },
    outputs: {
      type: 'object',
      description: 'What a run gives back: templates by name',
      propertyNames: reference('identifier'),
      additionalProperties: reference('template'),
      maxProperties: 100,
    },
    artifacts: {
      type: 'object',
      description: 'Files that a run keeps, by name',
      propertyNames: reference('identifier'),
      additionalProperties: table(
        'A file or a folder that a run keeps',
        {
          path: text('Where it is in the workspace; may hold expressions in ${{ }}', 500),
          retention: reference('retention'),
        },
        ['path'],
      ),
      maxProperties: 100,
    },
    catch: list(reference('catchStep'), 'What runs, in this order, when the run has failed', 20),
    on: reference('triggers'),
  },
  $defs: {
    workflowId: {
      type: 'string',
      description: 'namespace/name, each of lower-case letters, digits and inner hyphens',
      pattern: '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?/[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$',
    },
    version: {
      type: 'string',
      description: 'SemVer without build metadata, like 1.2.0 or 2.0.0-rc.1',
      pattern:
        '^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(-(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)(\\.(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?$',
      maxLength: 64,
    },
    range: {
      type: 'string',
      description: 'a SemVer range, like ^1.2, ~1.2.3, >=1.2.0 <3.0.0, 1.x, or ^1 || ^2',
      pattern: VERSION_RANGE,
      maxLength: 128,
    },
    tag: {
      type: 'string',
      description: '1 to 32 lower-case letters, digits and inner hyphens',
      pattern: '^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$',
    },
    license: {
      type: 'string',
      description: 'an SPDX expression, like MIT or Apache-2.0 OR MIT',
      pattern: '^\\(*[A-Za-z0-9][A-Za-z0-9.+:-]*\\)*( (AND|OR|WITH) \\(*[A-Za-z0-9][A-Za-z0-9.+:-]*\\)*)*$',
      maxLength: 200,
    },
    homepage: {
      type: 'string',
      description: 'a web address that begins with https://',
      pattern: '^https://[A-Za-z0-9.-]+(:\\d{1,5})?([/?#][!-~]*)?$',
      maxLength: 500,
    },
    glob: {
      type: 'string',
      description: 'a relative path with * ? and **, like scripts/**',
      minLength: 1,
      maxLength: 200,
    },
    tool: {
      type: 'string',
      description: 'a program, alone or with its lowest version, like git or git >= 2.30',
      pattern: '^[A-Za-z0-9_][A-Za-z0-9._+-]{0,63}( *>= *\\d{1,9}(\\.\\d{1,9}){0,2})?$',
    },
    identifier: {
      type: 'string',
      description: '1 to 64 characters: a lower-case letter, then lower-case letters, digits, _ and -',
      pattern: '^[a-z][a-z0-9_-]{0,63}$',
    },
    variable: {
      type: 'string',
      description: 'an environment variable: letters, digits and _, not first a digit',
      pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$',
    },
    duration: {
      type: 'string',
      description: 'a number and ms, s, m, h or d, like 500ms, 30s or 1m, from 1ms to 7d',
      pattern: '^[0-9]{1,9}(ms|s|m|h|d)$',
    },
    retention: {
      type: 'string',
      description: 'how long it is kept: a number and ms, s, m, h or d, like 30d, up to 3650d',
      pattern: '^[0-9]{1,9}(ms|s|m|h|d)$',
    },
    template: {
      type: 'string',
      description: 'Text with expressions in ${{ }}',
      maxLength: 32_768,
    },
    parameter: {
      type: 'object',
      required: ['type'],
      additionalProperties: false,
      properties: {
        type: {
          type: 'string',
          enum: ['string', 'integer', 'number', 'boolean', 'enum', 'path', 'json', 'secret'],
        },
        description: text('What it is for', 500),
        required: option('False: a run may leave it out although it has no default', { type: 'boolean' }),
        default: { description: 'Taken when none is given' },
        pattern: text('string: a regular expression (RE2 syntax) that must match somewhere', 500),
        values: {
          type: 'array',
          description: 'enum: the values to choose from',
          items: { type: 'string', minLength: 1, maxLength: 200 },
          minItems: 1,
          maxItems: 200,
        },
        minimum: option('integer and number: lowest value', { type: 'number' }),
        maximum: option('integer and number: highest value', { type: 'number' }),
        access: option('path: what the run does with it', { type: 'string', enum: ['read', 'write'] }),
      },
    },
    ...stepSchemas,
    triggers: triggersSchema,
  },
};
