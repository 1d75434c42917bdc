import { defineDocument, type JsonOf } from './parts/document.js';
import { finishedRun } from './parts/run.js';

export const document = defineDocument(
  'run',
  'How a run ended, after its events (`sheaf.run-event/1`, a line each). Without a name, `sheaf.run-list/1` comes instead.',
  finishedRun,
);

export type RunJson = JsonOf<typeof document>;
