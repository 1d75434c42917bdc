import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, whole, yesNo } from './parts/fields.js';

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
    status: oneOf(
      ['logged', 'unchanged', 'written'],
      '`unchanged` when the log said so already, `written` when it waits in a file',
    ),
    namespace: text('the namespace'),
    type: oneOf(['key.add', 'key.revoke', 'ns.policy'], 'its type'),
    signedBy: listOf(Type.String(), 'active keys of the namespace that signed'),
    needed: whole('how many of them must sign'),
    file: Type.Optional(text('the file')),
    registry: text('address of the registry'),
  }),
);

export type KeyRegisterJson = JsonOf<typeof document>;
