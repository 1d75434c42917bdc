import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { listOf, text } from './parts/fields.js';
import { membership } from './parts/membership.js';

export const document = defineDocument(
  'namespace-list',
  'The namespaces of the user.',
  Type.Object({
    registry: text('address of the registry'),
    namespaces: listOf(membership, 'the namespaces'),
  }),
);

export type NamespaceListJson = JsonOf<typeof document>;
