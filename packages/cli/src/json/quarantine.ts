import { defineDocument } from './parts/document.js';
import { releaseState } from './parts/release-state.js';

export const document = defineDocument('quarantine', 'A version that was quarantined.', releaseState);
