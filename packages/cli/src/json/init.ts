import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text } from './parts/fields.js';

export const document = defineDocument(
  'init',
  'A workflow that was started from a template.',
  Type.Object({
    id: text('its id'),
    dir: text('the folder'),
    template: text('the template'),
    namespaceFrom: text('where its namespace is taken from'),
    files: listOf(Type.String(), 'files of the bundle'),
  }),
);

export type InitJson = JsonOf<typeof document>;
