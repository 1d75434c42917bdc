import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, whole, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'workspace-clean',
  'What was removed of what runs had left.',
  Type.Object({
    dryRun: yesNo('whether it was only looked at'),
    removed: listOf(
      Type.Object({
        runId: text('the run'),
        workflow: text('id of the workflow'),
        sizeBytes: whole('size of what it had left'),
      }),
      'of the newest run first',
    ),
    leftovers: listOf(
      Type.Object({ path: text('the folder'), sizeBytes: whole('its size') }),
      'unpacked bundles, older than an hour, and workspaces that no run could be gone on with from',
    ),
    removedBytes: whole('size of all that'),
    kept: listOf(
      Type.Object({
        runId: text('the run'),
        why: oneOf(
          ['running', 'interrupted', 'young'],
          'it goes on; it was killed and can be gone on with; it ended too short a time ago',
        ),
      }),
      'runs that were left alone',
    ),
  }),
);

export type WorkspaceCleanJson = JsonOf<typeof document>;
