import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { text, whole } from './parts/fields.js';

export const document = defineDocument(
  'help',
  'A page of help: of sheaf, a verb, a topic, or a code.',
  Type.Object({
    name: Type.Optional(text('the verb, topic or code')),
    text: text('the page as it is printed'),
    explanation: Type.Optional(
      Type.Object(
        {
          code: text('the code'),
          what: text('what happened'),
          why: text('why'),
          todo: text('what to do'),
          exitCode: Type.Optional(whole('what a command that fails with it ends with')),
        },
        { description: 'of a code' },
      ),
    ),
  }),
);

export type HelpJson = JsonOf<typeof document>;
