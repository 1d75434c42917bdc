import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { anyObject } from './parts/fields.js';

export const document = defineDocument(
  'schema',
  'The JSON Schema of a workflow definition; with --test, of a test file.',
  Type.Union([
    Type.Object({ definition: anyObject('the schema, draft 2020-12') }),
    Type.Object({ test: anyObject('the schema, draft 2020-12') }),
  ]),
);

export type SchemaJson = JsonOf<typeof document>;
