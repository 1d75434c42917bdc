import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, whole, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'logs',
  'What the steps of a run wrote.',
  Type.Object({
    runId: text('the run'),
    steps: listOf(
      Type.Object({
        step: text('id of the step'),
        text: text('what it wrote, at most its last 64 MiB'),
        sizeBytes: whole('size of all that it wrote'),
        truncated: yesNo('whether `text` is only the end of it'),
      }),
      'in the order of the plan',
    ),
  }),
);

export type LogsJson = JsonOf<typeof document>;
