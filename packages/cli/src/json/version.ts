import { Type } from '@sinclair/typebox';
import { defineDocument } from './parts/document.js';
import { text } from './parts/fields.js';

export const document = defineDocument(
  'version',
  'The answer of `sheaf --version --json`.',
  Type.Object({ version: text('version of the command line') }),
);
