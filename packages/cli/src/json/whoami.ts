import { Type } from '@sinclair/typebox';
import { callerFields } from './parts/caller.js';
import { defineDocument, type JsonOf } from './parts/document.js';
import { oneOf, text } from './parts/fields.js';

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
    ...callerFields,
  }),
);

export type WhoamiJson = JsonOf<typeof document>;
