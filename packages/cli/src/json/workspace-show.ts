import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, time, whole } from './parts/fields.js';
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
    workspaces: listOf(
      Type.Object({
        kind: oneOf(['copy', 'jj', 'worktree'], 'a copy, a workspace of jj, a worktree of git'),
        path: text('the folder'),
        root: text('the repository or folder that it was made from'),
        head: Type.Optional(text('the commit that it was made of')),
        step: Type.Optional(text('the step that it was made for, if for one alone')),
      }),
      'folders that were made for its steps to work in',
    ),
    files: listOf(
      Type.Object({ path: text('absolute path'), sizeBytes: whole('its size') }),
      'logs, and the files of the bundle',
    ),
  }),
);

export type WorkspaceShowJson = JsonOf<typeof document>;
