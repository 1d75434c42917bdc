import { defineDocument } from './parts/document.js';
import { releaseState } from './parts/release-state.js';

export const document = defineDocument('unyank', 'A version whose yank was taken back.', releaseState);
