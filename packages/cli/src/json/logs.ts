import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, whole, yesNo } from './parts/fields.js';
import { runState } from './parts/runs.js';

export const document = defineDocument(
  'logs',
  'What the steps of a run wrote.',
  Type.Object({
    runId: text('the run'),
    status: runState,
    steps: listOf(
      Type.Object({
        step: text('id of the step'),
        text: text('what it wrote, at most its last 64 MiB, or the lines that --tail asked for'),
        sizeBytes: whole('size of all that it wrote'),
        truncated: yesNo('whether `text` is only the end of it'),
      }),
      'in the order of the plan; empty with --follow, which printed each line as an event',
    ),
  }),
);

export type LogsJson = JsonOf<typeof document>;
