import { defineDocument } from './parts/document.js';
import { releaseState } from './parts/release-state.js';

export const document = defineDocument(
  'unquarantine',
  'A version whose quarantine was taken back.',
  releaseState,
);
