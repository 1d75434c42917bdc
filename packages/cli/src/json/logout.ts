import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, time, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'logout',
  'What was forgotten.',
  Type.Object({
    registry: Type.Optional(text('address of the registry; absent when all registries were meant')),
    forgotten: yesNo('whether anything was stored, and is not any more'),
    revoked: yesNo('whether all of it has ended where it was valid as well'),
    kind: Type.Optional(oneOf(['sign-in', 'token'], 'its kind')),
    accounts: listOf(
      Type.Object({
        registry: text('address of the registry'),
        account: Type.Optional(text('what the account was called here')),
        user: Type.Optional(text('whom the registry took it for at the sign-in')),
        kind: Type.Optional(oneOf(['sign-in', 'token'], 'its kind; absent when it could not be read')),
        revoked: yesNo('whether it has ended where it was valid as well'),
        tokenId: Type.Optional(text('id of an access token, for `sheaf token revoke`')),
        expiresAt: Type.Optional(time('when an access token expires by itself')),
      }),
      'what was forgotten of each account',
    ),
  }),
);

export type LogoutJson = JsonOf<typeof document>;
