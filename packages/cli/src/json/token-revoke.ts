import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text } from './parts/fields.js';

export const document = defineDocument(
  'token-revoke',
  'Access tokens that were revoked.',
  Type.Object({
    registry: text('address of the registry'),
    ids: listOf(Type.String(), 'their ids'),
  }),
);

export type TokenRevokeJson = JsonOf<typeof document>;
