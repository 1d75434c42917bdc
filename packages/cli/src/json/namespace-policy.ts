import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { whole } from './parts/fields.js';
import { keyEventFields } from './parts/key-event.js';

export const document = defineDocument(
  'namespace-policy',
  'How many keys of a namespace must sign.',
  Type.Object({
    threshold: whole('how many keys must sign'),
    before: whole('as it was before'),
    activeKeys: whole('how many of its keys count'),
    ...keyEventFields,
  }),
);

export type NamespacePolicyJson = JsonOf<typeof document>;
