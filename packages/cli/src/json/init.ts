import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text } from './parts/fields.js';

export const document = defineDocument(
  'init',
  'A workflow that was started from a template; with --list, the templates.',
  Type.Union([
    Type.Object({
      id: text('its id'),
      dir: text('the folder'),
      template: text('the template'),
      namespaceFrom: text('where its namespace is taken from'),
      files: listOf(Type.String(), 'files of the bundle'),
    }),
    Type.Object({
      templates: listOf(
        Type.Object({ name: text('its name'), description: text('what it does') }),
        'what there is to start from, the usual one first',
      ),
    }),
  ]),
);

export type InitJson = JsonOf<typeof document>;
