import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, oneOf, text } from './parts/fields.js';
import { invitation } from './parts/invitation.js';

export const document = defineDocument(
  'namespace-members',
  'The members of a namespace, or what was changed of them.',
  Type.Object({
    registry: text('address of the registry'),
    namespace: text('the namespace'),
    members: Type.Optional(
      listOf(
        Type.Object({
          user: text('the user'),
          role: oneOf(['maintainer', 'owner', 'publisher', 'reader'], 'the role'),
        }),
        'the members',
      ),
    ),
    invitations: Type.Optional(listOf(invitation, 'the invitations')),
    invited: Type.Optional(Type.Object(invitation.properties, { description: 'who was invited' })),
    changed: Type.Optional(
      Type.Object(
        {
          user: text('the user'),
          role: oneOf(['maintainer', 'owner', 'publisher', 'reader'], 'the role'),
        },
        { description: 'the member whose role is another now' },
      ),
    ),
    removed: Type.Optional(text('what was removed')),
  }),
);

export type NamespaceMembersJson = JsonOf<typeof document>;
