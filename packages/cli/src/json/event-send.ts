import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { anything, oneOf, text } from './parts/fields.js';

export const document = defineDocument(
  'event-send',
  'An event that was sent to a run.',
  Type.Object({
    runId: text('the run'),
    source: text('where the event comes from'),
    data: anything('what it says'),
    status: oneOf(['cancelled', 'failed', 'interrupted', 'running', 'succeeded'], 'how the run stands'),
  }),
);

export type EventSendJson = JsonOf<typeof document>;
