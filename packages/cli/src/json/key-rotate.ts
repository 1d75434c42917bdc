import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { oneOf, text } from './parts/fields.js';

export const document = defineDocument(
  'key-rotate',
  'A key that took the place of another.',
  Type.Object({
    namespace: text('the namespace'),
    from: Type.Object(
      {
        id: text('its id'),
        name: text('its name'),
      },
      { description: 'where it came from' },
    ),
    to: Type.Object(
      {
        id: text('its id'),
        name: text('its name'),
      },
      { description: 'who is asked' },
    ),
    added: oneOf(['kept', 'now'], '`kept` when an earlier try had done it'),
    revoked: oneOf(['kept', 'now'], 'what becomes of the old key'),
    registry: text('address of the registry'),
  }),
);

export type KeyRotateJson = JsonOf<typeof document>;
