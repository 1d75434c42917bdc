import { Type } from '@sinclair/typebox';
import { diagnostic } from './parts/diagnostic.js';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, whole, yesNo } from './parts/fields.js';

const checked = Type.Object({
  valid: yesNo('whether it has no error'),
  file: text('the definition, or a file with its tests'),
  id: Type.Optional(text('namespace and name')),
  version: Type.Optional(text('its version')),
  stepCount: Type.Optional(whole('how many steps it has')),
  testCount: Type.Optional(whole('how many tests it has, of a test file')),
  errors: whole('how many errors were found'),
  warnings: whole('how many warnings'),
});

export const document = defineDocument(
  'validate',
  'Whether definitions are valid, and all that was found in them; with --explain, what a code stands for.',
  Type.Union([
    Type.Object({
      ...checked.properties,
      files: listOf(checked, 'each definition; what stands beside it speaks of all, or of the only one'),
      diagnostics: listOf(diagnostic, 'the findings, by file and position'),
    }),
    Type.Object({
      code: text('the code'),
      summary: text('what it stands for'),
      hint: text('what to do'),
    }),
  ]),
);

export type ValidateJson = JsonOf<typeof document>;
