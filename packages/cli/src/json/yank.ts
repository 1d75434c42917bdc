import { defineDocument } from './parts/document.js';
import { releaseState } from './parts/release-state.js';

export const document = defineDocument('yank', 'A version that was yanked.', releaseState);
