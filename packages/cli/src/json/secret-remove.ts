import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text } from './parts/fields.js';

export const document = defineDocument(
  'secret-remove',
  'A secret that was removed.',
  Type.Object({
    name: text('its name'),
    for: Type.Optional(text('the workflow or namespace that it is for; all workflows when it is left out')),
    from: listOf(oneOf(['keyring', 'vault'], 'a place'), 'where it was'),
  }),
);

export type SecretRemoveJson = JsonOf<typeof document>;
