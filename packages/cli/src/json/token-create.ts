import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, time } from './parts/fields.js';

export const document = defineDocument(
  'token-create',
  'An access token; it is shown this once.',
  Type.Object({
    registry: text('address of the registry'),
    expiresAt: Type.Optional(time('when it ends')),
    name: text('its name'),
    id: text('its id'),
    token: text('shown once'),
    scopes: listOf(Type.String(), 'what it may do'),
  }),
);

export type TokenCreateJson = JsonOf<typeof document>;
