import { defineDocument, type JsonOf } from './parts/document.js';
import { finishedRun } from './parts/run.js';

export const document = defineDocument(
  'resume',
  'How a resumed run ended, after its events (`sheaf.run-event/1`, a line each).',
  finishedRun,
);

export type ResumeJson = JsonOf<typeof document>;
