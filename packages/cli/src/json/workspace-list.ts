import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, time, whole } from './parts/fields.js';
import { runState } from './parts/runs.js';

export const document = defineDocument(
  'workspace-list',
  'What runs have left on this machine.',
  Type.Object({
    workspaces: listOf(
      Type.Object({
        runId: text('the run'),
        workflow: text('id of the workflow'),
        version: text('its version'),
        status: runState,
        startedAt: time('when it began'),
        sizeBytes: whole('size of all that it left'),
      }),
      'of the newest run first',
    ),
  }),
);

export type WorkspaceListJson = JsonOf<typeof document>;
