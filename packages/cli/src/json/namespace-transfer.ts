import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { text } from './parts/fields.js';
import { invitation } from './parts/invitation.js';

export const document = defineDocument(
  'namespace-transfer',
  'The offer of a namespace to another owner.',
  Type.Object({
    registry: text('address of the registry'),
    offer: Type.Object(invitation.properties, { description: 'the offer' }),
  }),
);

export type NamespaceTransferJson = JsonOf<typeof document>;
