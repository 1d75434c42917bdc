import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf, type PartOf } from './parts/document.js';
import { amount, listOf, text, whole, yesNo } from './parts/fields.js';
import { verified } from './parts/verified.js';

const one = Type.Object({
  fileCount: whole('files of the bundle'),
  blobSizeBytes: whole('size of the packed bundle'),
  fromCache: yesNo('whether nothing was downloaded'),
  durationMs: amount('how long it took'),
  output: Type.Optional(text('the file or folder that was written')),
  warnings: listOf(Type.String(), 'what to look at'),
  ...verified,
});

const several = Type.Object({
  workflows: listOf(one, 'what was fetched, in the order of the references'),
  failed: listOf(
    Type.Object({
      reference: text('as it was given'),
      code: text('stable code, which `sheaf help CODE` explains'),
      message: text('what happened: one line'),
      help: listOf(Type.String(), 'what to do, best a command to paste'),
      evidence: listOf(Type.String(), 'what was found: yours and theirs, expected and got'),
      exitCode: whole('what the process would end with for this one; it ends with that of the first'),
    }),
    'what was not fetched, and why',
  ),
  durationMs: amount('how long it took'),
});

export const document = defineDocument(
  'fetch',
  'A workflow that was fetched and verified; of several references, all of them.',
  Type.Union([one, several]),
);

export type FetchJson = JsonOf<typeof document>;
export type FetchOneJson = PartOf<typeof one>;
export type FetchSeveralJson = PartOf<typeof several>;
