import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { text } from './parts/fields.js';

export const document = defineDocument(
  'help',
  'A page of help: of sheaf, a verb, a topic, or a code.',
  Type.Object({
    name: Type.Optional(text('the verb, topic or code')),
    text: text('the page as it is printed'),
  }),
);

export type HelpJson = JsonOf<typeof document>;
