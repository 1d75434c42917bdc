import { Type } from '@sinclair/typebox';
import { callerFields } from './parts/caller.js';
import { defineDocument, type JsonOf } from './parts/document.js';
import { text, time, yesNo } from './parts/fields.js';

export const document = defineDocument(
  'login',
  'A registry that is trusted, and who is signed in there.',
  Type.Object({
    registry: text('address of the registry'),
    name: Type.Optional(text('what the registry is called here, when it was named so')),
    logKey: text('the key of the log, in the form of signed notes'),
    user: Type.Optional(Type.Object(callerFields, { description: 'the user' })),
    account: Type.Optional(text('what the account is called here, when it has a name')),
    used: Type.Optional(yesNo('whether this account of several is the one that is used')),
    mirror: Type.Optional(yesNo('then there is nobody to sign in as')),
    tokenFile: Type.Optional(text('where what was stored lies: a file, or the keyring of the system')),
    inKeyring: Type.Optional(yesNo('whether the keyring of the system keeps it')),
    signIn: Type.Optional(
      Type.Object(
        {
          expiresAt: time('when it ends'),
          renews: yesNo('whether it is renewed by itself'),
        },
        { description: 'when the access token of a sign-in ends, and whether it is renewed then' },
      ),
    ),
    default: yesNo('whether it is the default registry from now on'),
  }),
);

export type LoginJson = JsonOf<typeof document>;
