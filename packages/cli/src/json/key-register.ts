import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { text, yesNo } from './parts/fields.js';
import { keyEventFields } from './parts/key-event.js';

export const document = defineDocument(
  'key-register',
  'A key that was registered for a namespace.',
  Type.Object({
    key: Type.Object(
      {
        id: text('its id'),
        name: text('its name'),
      },
      { description: 'the key' },
    ),
    recovery: yesNo('whether it was a recovery'),
    ...keyEventFields,
  }),
);

export type KeyRegisterJson = JsonOf<typeof document>;
