import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { text, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'key-generate',
  'A signing key that was made.',
  Type.Object({
    name: text('its name'),
    id: text('its id'),
    path: text('path of the file'),
    passphrase: yesNo('whether it is sealed by a passphrase'),
    keyring: yesNo('whether the passphrase is in the keyring of the operating system'),
  }),
);

export type KeyGenerateJson = JsonOf<typeof document>;
