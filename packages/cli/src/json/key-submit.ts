import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf } from './parts/fields.js';
import { keyEventFields } from './parts/key-event.js';

export const document = defineDocument(
  'key-submit',
  'An event that was sent to the registry.',
  Type.Object({
    event: listOf(Type.String(), 'the event'),
    ...keyEventFields,
  }),
);

export type KeySubmitJson = JsonOf<typeof document>;
