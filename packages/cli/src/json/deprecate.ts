import { defineDocument } from './parts/document.js';
import { releaseState } from './parts/release-state.js';

export const document = defineDocument('deprecate', 'A version that was deprecated.', releaseState);
