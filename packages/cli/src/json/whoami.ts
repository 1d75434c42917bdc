import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, time, yesNo } from './parts/fields.js';
import { token } from './parts/token.js';

export const document = defineDocument(
  'whoami',
  'Who the registry takes the user for.',
  Type.Object({
    registry: text('address of the registry'),
    name: Type.Optional(text('what the registry is called here')),
    account: Type.Optional(text('what the account is called here, when it has a name')),
    tokenFrom: Type.Optional(
      oneOf(['SHEAF_TOKEN', 'keyring', 'file'], 'where the token that was sent comes from'),
    ),
    via: Type.Optional(
      text(
        'how the caller was recognised: a personal access token, a sign-in at the identity provider, trusted publishing',
      ),
    ),
    authenticatedAt: Type.Optional(
      time('when the caller last signed in at the identity provider, where that is known'),
    ),
    namespaces: listOf(
      Type.Object({
        name: text('its name'),
        role: text('the role'),
      }),
      'the namespaces',
    ),
    user: text('the user'),
    token: Type.Object(token.properties, { description: 'the token' }),
    admin: yesNo('whether the user administers the registry'),
  }),
);

export type WhoamiJson = JsonOf<typeof document>;
