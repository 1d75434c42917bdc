import { Type } from '@sinclair/typebox';
import { listOf, text, whole } from './fields.js';

export const runFailure = Type.Object({
  code: text('stable code, which `sheaf help CODE` explains'),
  message: text('one line, for people'),
  step: Type.Optional(text('id of the step')),
  lines: listOf(Type.String(), 'the last lines of what it wrote'),
  totalLines: whole('how many lines it wrote'),
  hint: Type.Optional(text('what to do')),
});
