import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { namespaceFields } from './parts/namespace.js';

export const document = defineDocument(
  'namespace-create',
  'A namespace that was made.',
  Type.Object(namespaceFields),
);

export type NamespaceCreateJson = JsonOf<typeof document>;
