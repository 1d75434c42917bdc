import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text } from './parts/fields.js';

export const document = defineDocument(
  'doctor',
  'What was looked at on this machine, and what is wrong.',
  Type.Object({
    checks: listOf(
      Type.Object({
        check: text('what was looked at, such as `git` or `registry corp`'),
        status: oneOf(
          ['ok', 'warn', 'fail', 'skip'],
          '`fail` makes the exit code 1; `skip` could not be looked at, or is not used here',
        ),
        detail: text('what was found'),
        remedy: Type.Optional(text('what to do about it, best a command to paste')),
      }),
      'in the order in which they are shown',
    ),
  }),
);

export type DoctorJson = JsonOf<typeof document>;
