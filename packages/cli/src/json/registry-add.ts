import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'registry-add',
  'A registry that was given a name.',
  Type.Object({
    name: text('its name'),
    url: text('its address'),
    spki: listOf(Type.String(), 'pins of public keys of its certificate chain'),
    account: Type.Optional(text('the account to use there')),
    anonymous: Type.Optional(Type.Literal(true, { description: 'nobody signs in there' })),
    default: yesNo('whether it is used when nothing else names one'),
    previousUrl: Type.Optional(text('the address that the name had before')),
    file: text('the file that says so'),
  }),
);

export type RegistryAddJson = JsonOf<typeof document>;
