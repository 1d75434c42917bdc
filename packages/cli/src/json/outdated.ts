import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text } from './parts/fields.js';
import { surveyRow } from './parts/survey.js';

export const document = defineDocument(
  'outdated',
  'What is locked, and what there is by now; nothing of it is verified.',
  Type.Object({
    file: text('the `sheaf.toml`'),
    workflows: listOf(surveyRow, 'every name, in the order of the file'),
  }),
);

export type OutdatedJson = JsonOf<typeof document>;
