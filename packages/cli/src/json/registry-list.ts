import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text, time, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'registry-list',
  'The registries that have a name here or are in use.',
  Type.Object({
    registries: listOf(
      Type.Object({
        name: Type.Optional(text('what references qualify themselves with')),
        url: text('its address'),
        from: oneOf(
          ['sheaf.toml', 'config.toml', 'default', 'signed in'],
          'what speaks of it: the project, the user, nothing, or a sign-in alone',
        ),
        default: yesNo('whether it is used when nothing else names one'),
        spki: listOf(Type.String(), 'pins of public keys of its certificate chain'),
        anonymous: Type.Optional(Type.Literal(true, { description: 'nobody signs in there, by choice' })),
        origin: Type.Optional(text('what it calls itself, once its log key is pinned')),
        logKey: Type.Optional(text('the log key that is pinned')),
        pinnedAt: Type.Optional(time('when it was pinned')),
        accounts: listOf(
          Type.Object({
            account: Type.Optional(text('what the account is called here')),
            user: Type.Optional(text('whom the registry took it for at the sign-in')),
            in: oneOf(['keyring', 'file'], 'where its token lies'),
            used: yesNo('whether it is the one that is used'),
          }),
          'who is signed in there',
        ),
      }),
      "the project's first, then the user's, then those without a name",
    ),
  }),
);

export type RegistryListJson = JsonOf<typeof document>;
