import { defineDocument } from './parts/document.js';
import { releaseState } from './parts/release-state.js';

export const document = defineDocument(
  'undeprecate',
  'A version whose deprecation was taken back.',
  releaseState,
);
