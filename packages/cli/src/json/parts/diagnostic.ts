import { Type } from '@sinclair/typebox';
import { listOf, oneOf, text, whole } from './fields.js';

export const diagnostic = Type.Object({
  file: text('the file'),
  severity: oneOf(['error', 'warning'], 'how bad it is'),
  message: text('one line, lower case, no final full stop; safe to print'),
  hint: text('what to do about it'),
  line: whole('line, from 1'),
  column: whole('column, from 1'),
  endLine: Type.Optional(whole('line of the end')),
  endColumn: Type.Optional(whole('column behind the end')),
  label: Type.Optional(text('what the marked place is, a few words')),
  note: Type.Optional(text('what is worth knowing beside the message')),
  related: Type.Optional(
    listOf(
      Type.Object({
        line: whole('line, from 1'),
        column: whole('column, from 1'),
        endLine: Type.Optional(whole('line of the end')),
        endColumn: Type.Optional(whole('column behind the end')),
        label: text('what it is'),
      }),
      'other places in the same file that it has to do with',
    ),
  ),
  pointer: Type.Optional(text('JSON pointer (RFC 6901) into the definition')),
  code: text('stable code, which `sheaf help CODE` explains'),
});
