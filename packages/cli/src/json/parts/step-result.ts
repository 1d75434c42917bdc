import { Type } from '@sinclair/typebox';
import { amount, listOf, oneOf, text, whole } from './fields.js';

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
  cache: Type.Optional(
    Type.Object(
      {
        result: oneOf(['hit', 'miss'], 'hit: what an earlier run did stands for it'),
        why: text('what was found, or what is not as it was'),
        changed: Type.Optional(
          listOf(Type.String(), 'of a miss: each thing that is not as it was the last time, at most 50'),
        ),
      },
      { description: 'of a step that may be cached: what the cache had for its last attempt' },
    ),
  ),
});
