import { Type } from '@sinclair/typebox';
import { amount, oneOf, text, whole } from './fields.js';

export const stepResult = Type.Object({
  id: text('path of the step: its id, with that of the step that it is in before it'),
  status: oneOf(
    ['cancelled', 'failed', 'interrupted', 'pending', 'running', 'skipped', 'succeeded', 'waiting'],
    'where it stands, or how it ended',
  ),
  exitCode: Type.Optional(whole('what its shell ended with')),
  attempts: whole('attempts so far'),
  durationMs: Type.Optional(amount('how long the last attempt took, milliseconds')),
  reason: Type.Optional(
    Type.Object(
      {
        code: text('stable code, which `sheaf help CODE` explains'),
        message: text('one line, for people'),
        hint: Type.Optional(text('what to do')),
      },
      { description: 'why it did not succeed' },
    ),
  ),
  reusedFrom: Type.Optional(text('the earlier run whose result stands for this step: it was not run again')),
});
