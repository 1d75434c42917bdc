import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text } from './parts/fields.js';

export const document = defineDocument(
  'cancel',
  'A run that was cancelled.',
  Type.Object({
    runId: text('the run'),
    was: oneOf(['running', 'interrupted', 'ended'], 'what it was found as'),
    status: oneOf(['cancelled', 'succeeded', 'failed'], 'how it has ended'),
    stopped: listOf(Type.String(), 'ids of the steps that ran when it was asked'),
  }),
);

export type CancelJson = JsonOf<typeof document>;
