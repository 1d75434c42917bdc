import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text, time } from './parts/fields.js';

export const document = defineDocument(
  'token-list',
  'The access tokens of the user.',
  Type.Object({
    registry: text('address of the registry'),
    tokens: listOf(
      Type.Object({
        expiresAt: Type.Optional(time('when it ends')),
        lastUsedAt: Type.Optional(time('when it was used last')),
        name: text('its name'),
        id: text('its id'),
        createdAt: time('when it was created'),
        scopes: listOf(Type.String(), 'what it may do'),
      }),
      'the tokens',
    ),
  }),
);

export type TokenListJson = JsonOf<typeof document>;
