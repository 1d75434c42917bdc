import { Type } from '@sinclair/typebox';
import { diagnostic } from './parts/diagnostic.js';
import { defineDocument, type JsonOf } from './parts/document.js';
import { anything, listOf, text, whole } from './parts/fields.js';

export const document = defineDocument(
  'error',
  'What a command that fails prints instead of its document, in the words that stderr has. Some codes add fields of their own.',
  Type.Object(
    {
      code: text('stable code, which `sheaf help CODE` explains'),
      message: text('what happened: one line'),
      help: listOf(Type.String(), 'what to do, best a command to paste'),
      evidence: listOf(Type.String(), 'what was found: yours and theirs, expected and got'),
      exitCode: whole('what the process ends with'),
      diagnostics: Type.Optional(listOf(diagnostic, 'findings in a definition')),
      problem: Type.Optional(anything('the answer of the registry, RFC 9457')),
    },
    { additionalProperties: true },
  ),
);

export type ErrorJson = JsonOf<typeof document>;
