import { defineDocument, type JsonOf } from './parts/document.js';
import { finishedRun } from './parts/run.js';

export const document = defineDocument(
  'rerun',
  'How a run from a step on ended, after its events (`sheaf.run-event/1`, a line each).',
  finishedRun,
);

export type RerunJson = JsonOf<typeof document>;
