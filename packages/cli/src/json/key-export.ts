import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { text } from './parts/fields.js';

export const document = defineDocument(
  'key-export',
  'The public half of a key.',
  Type.Object({
    name: text('its name'),
    id: text('its id'),
    publicKey: text('subjectPublicKeyInfo in PEM'),
  }),
);

export type KeyExportJson = JsonOf<typeof document>;
