import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, yesNo } from './parts/fields.js';
import { lockChange } from './parts/project.js';

export const document = defineDocument(
  'remove',
  'What was taken out of `sheaf.toml` and `sheaf.lock`.',
  Type.Object({
    file: text('the `sheaf.toml`'),
    removed: listOf(
      Type.Object({ name: text('the short name'), reference: text('what it stood for') }),
      'the lines that are gone',
    ),
    lockFile: text('the `sheaf.lock`'),
    lockWritten: yesNo('whether it is another now; never where there is none'),
    changes: listOf(lockChange, 'what went from it'),
  }),
);

export type RemoveJson = JsonOf<typeof document>;
