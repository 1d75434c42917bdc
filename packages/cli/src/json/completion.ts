import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { oneOf, text } from './parts/fields.js';

export const document = defineDocument(
  'completion',
  'The script that completes in a shell.',
  Type.Object({
    shell: oneOf(['bash', 'zsh', 'fish', 'powershell'], 'the shell'),
    script: text('the script'),
    install: text('the line that puts it where the shell finds it'),
  }),
);

export type CompletionJson = JsonOf<typeof document>;
