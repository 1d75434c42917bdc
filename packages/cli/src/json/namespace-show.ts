import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { namespaceFields } from './parts/namespace.js';

export const document = defineDocument(
  'namespace-show',
  'A namespace with its keys.',
  Type.Object(namespaceFields),
);

export type NamespaceShowJson = JsonOf<typeof document>;
