import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { oneOf, text, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'logout',
  'What was forgotten.',
  Type.Object({
    registry: text('address of the registry'),
    forgotten: yesNo('whether anything was stored, and is not any more'),
    revoked: yesNo('whether the identity provider ended the sign-in as well'),
    kind: Type.Optional(oneOf(['sign-in', 'token'], 'its kind')),
  }),
);

export type LogoutJson = JsonOf<typeof document>;
