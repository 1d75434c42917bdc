import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, time, whole } from './parts/fields.js';
import { runState } from './parts/runs.js';

export const document = defineDocument(
  'workspace-show',
  'What one run has left on this machine.',
  Type.Object({
    runId: text('the run'),
    workflow: text('id of the workflow'),
    version: text('its version'),
    status: runState,
    startedAt: time('when it began'),
    sizeBytes: whole('size of all that it left'),
    cwd: text('the folder that its steps worked in'),
    logs: Type.Optional(text('the folder with the logs of its steps')),
    bundle: Type.Optional(
      text('the folder with its verified bundle; there while it runs, or when it was killed'),
    ),
    files: listOf(
      Type.Object({ path: text('absolute path'), sizeBytes: whole('its size') }),
      'all files in these folders',
    ),
  }),
);

export type WorkspaceShowJson = JsonOf<typeof document>;
