import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'registry-remove',
  'A registry whose name was taken away, and what stays of it.',
  Type.Object({
    name: text('the name that it had'),
    url: text('its address'),
    wasDefault: yesNo('whether it was used when nothing else named one'),
    usual: Type.Optional(
      text('name or address of the registry that is used now when nothing else names one'),
    ),
    signedIn: listOf(Type.String(), 'accounts that are still signed in there; `default` has no name'),
    logKeyPinned: yesNo('whether its log key stays pinned'),
    file: text('the file that was changed'),
  }),
);

export type RegistryRemoveJson = JsonOf<typeof document>;
