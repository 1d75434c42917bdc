import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, whole } from './parts/fields.js';

export const document = defineDocument(
  'key-sign',
  'An event that got one more signature.',
  Type.Object({
    file: text('the file'),
    event: listOf(Type.String(), 'the event'),
    key: Type.Object(
      {
        id: text('its id'),
        name: text('its name'),
      },
      { description: 'the key' },
    ),
    signatures: whole('signatures in the file now; whether they count, the registry decides'),
  }),
);

export type KeySignJson = JsonOf<typeof document>;
