import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text } from './parts/fields.js';
import { invitation } from './parts/invitation.js';
import { membership } from './parts/membership.js';

export const document = defineDocument(
  'invitations',
  'The invitations of the user, or one that was answered.',
  Type.Object({
    registry: text('address of the registry'),
    invitations: Type.Optional(listOf(invitation, 'the invitations')),
    accepted: Type.Optional(
      Type.Object(membership.properties, { description: 'what this machine has accepted at first use' }),
    ),
    declined: Type.Optional(Type.Object(invitation.properties, { description: 'the one that was declined' })),
  }),
);

export type InvitationsJson = JsonOf<typeof document>;
